"""Reads the parcels of a service with OWSLib: with_owslib.py ADDRESS KEY. Prints what it saw as JSON."""

import json
import sys

from owslib.ogcapi.features import Features

address, key = sys.argv[1:3]
service = Features(address + "/", headers={"Authorization": f"Bearer {key}"})
boxed = service.collection_items("parcels", bbox=[113.3001, 23.1001, 113.3006, 23.1004], limit=100)
one = service.collection_item("parcels", boxed["features"][0]["id"])
print(
    json.dumps(
        {
            "collections": service.feature_collections(),
            "conformance": len(service.conformance()["conformsTo"]),
            "queryables": sorted(service.collection_queryables("parcels")["properties"]),
            "boxed": len(boxed["features"]),
            "one": one["properties"]["parcel_code"],
        }
    )
)
