#!/usr/bin/env bash
# Draws the README's picture of a terminal from what the binary really prints. Run from the repository's root after
# `cargo build --release`; it makes a demo in a temporary folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jiku=${JIKU:-$PWD/target/release/jiku}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$folder"
{
    echo '$ jiku demo --once'
    "$jiku" demo --once 2>/dev/null | grep -v 'rows were refused' | sed 's/ *$//'
    echo
    question=$(sed -n "s/^echo '\(.*\)' | .* resolve .*/\1/p" "$OLDPWD/README.md")
    echo "\$ echo '$question' | jiku resolve --kind person"
    echo "$question" | JIKU_DATABASE=sqlite://jiku-demo/jiku.db "$jiku" resolve --kind person
    echo
    echo '$ jiku verify'
    JIKU_DATABASE=sqlite://jiku-demo/jiku.db "$jiku" verify
} >shown.txt

widest=$(LC_ALL=C.UTF-8 wc -L <shown.txt)
awk -v widest="$widest" '
    function escape(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); gsub(/ /, "\\&#160;", text); return text }
    { gsub(/─/, "-"); lines[NR] = $0 }
    END {
        width = widest * 8.45 + 40; height = NR * 20 + 40
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, height, width, height
        print "<title>jiku demo in a terminal</title>"
        print "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16202b\"/>"
        print "<g font-family=\"ui-monospace, Menlo, Consolas, Noto Sans Mono CJK SC, monospace\" font-size=\"14\" fill=\"#d8e2ec\">"
        for (number = 1; number <= NR; number++) {
            colour = lines[number] ~ /^\$/ ? " fill=\"#7fd1a9\"" : ""
            printf "<text x=\"20\" y=\"%d\"%s>%s</text>\n", number * 20 + 14, colour, escape(lines[number])
        }
        print "</g>\n</svg>"
    }' shown.txt >"$OLDPWD/docs/pictures/demo.svg"
