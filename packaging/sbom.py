#!/usr/bin/env python3
"""A bill of materials (CycloneDX 1.6, JSON) of what is in the binary: crates with licences and checksums, what they bundle, vendored scripts.

    packaging/sbom.py > jiku.cdx.json

Only Python's standard library and cargo are used; nothing is fetched. The output is the same for the same Cargo.lock.
"""

import json
import os
import re
import subprocess
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# C libraries that a crate brings along and compiles: its name, the header that tells the version, the words that do, and the licence.
BUNDLED = {
    "libsqlite3-sys": ("sqlite", "sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"([0-9.]+)"', "blessing"),
    "zstd-sys": ("zstd", "zstd/lib/zstd.h", r"#define ZSTD_VERSION_MAJOR\s+(\d+)|#define ZSTD_VERSION_MINOR\s+(\d+)|#define ZSTD_VERSION_RELEASE\s+(\d+)",
                 "BSD-3-Clause"),
}


def bundled(package):
    """The C library in a crate, as a component; nothing when it has none."""
    if package["name"] not in BUNDLED:
        return None
    name, header, words, licence = BUNDLED[package["name"]]
    with open(os.path.join(os.path.dirname(package["manifest_path"]), header), encoding="utf-8") as text:
        found = re.findall(words, text.read())
    version = ".".join(part for match in found for part in ([match] if isinstance(match, str) else match) if part)
    if not version:
        sys.exit(f"{header} of {package['name']} does not tell its version any more; see BUNDLED")
    return {"type": "library", "bom-ref": f"c:{name}@{version}", "name": name, "version": version, "licenses": [{"expression": licence}],
            "purl": f"pkg:generic/{name}@{version}"}


def main():
    target = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout)[1]
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    with open(f"{ROOT}/Cargo.lock", "rb") as lock:
        checksums = {(package["name"], package["version"]): package.get("checksum") for package in tomllib.load(lock)["package"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    # What the binary is made of: normal dependencies, from the command line's crate on; build tools and test helpers are left out.
    root = next(id for id, package in packages.items() if package["name"] == "jiku-cli")
    used, open_ids = set(), [root]
    while open_ids:
        id = open_ids.pop()
        if id not in used:
            used.add(id)
            open_ids += [dep["pkg"] for dep in nodes[id]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    components, edges = [], []
    for id in sorted(used, key=lambda id: (packages[id]["name"], packages[id]["version"])):
        package = packages[id]
        name, version = package["name"], package["version"]
        component = {"type": "application" if id == root else "library", "bom-ref": f"{name}@{version}", "name": name, "version": version,
                     "licenses": [{"expression": (package["license"] or "NOASSERTION").replace("/", " OR ")}]}
        if package["source"]:
            component["purl"] = f"pkg:cargo/{name}@{version}"
            if checksums.get((name, version)):
                component["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
        components.append(component)
        inside = bundled(package)
        if inside:
            components.append(inside)
        on = sorted({f"{packages[dep['pkg']]['name']}@{packages[dep['pkg']]['version']}" for dep in nodes[id]["deps"] if dep["pkg"] in used})
        on += [inside["bom-ref"]] if inside else []
        edges.append({"ref": f"{name}@{version}", "dependsOn": on})
    for folder in ("crates/web/assets/vendor",):
        manifest = f"{ROOT}/{folder}/manifest.toml"
        if os.path.exists(manifest):
            with open(manifest, "rb") as text:
                for name, entry in tomllib.load(text).items():
                    if isinstance(entry, dict) and "version" in entry:
                        components.append({"type": "library", "bom-ref": f"npm:{name}@{entry['version']}", "name": name, "version": entry["version"],
                                           "purl": f"pkg:npm/{name}@{entry['version']}"})
    application = next(component for component in components if component["type"] == "application")
    components.remove(application)
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": application}, "components": components,
               "dependencies": edges}, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
