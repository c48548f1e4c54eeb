"""Reads the parcels of a service with QGIS's own provider, headless: with_qgis.py ADDRESS. Prints what it saw as JSON."""

import json
import os
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

address = sys.argv[1]
application = QgsApplication([], False)
application.initQgis()
source = f"url='{address}' typename='parcels' version='OGC_API_FEATURES' pagingEnabled='true' pageSize='7' restrictToRequestBBOX='1'"
layer = QgsVectorLayer(source, "parcels", "OAPIF")
if not layer.isValid():
    sys.exit(f"QGIS cannot open {address}: {layer.error().summary()}")
features = list(layer.getFeatures())
box = QgsRectangle(113.3001, 23.1001, 113.3006, 23.1004)
boxed = list(layer.getFeatures(QgsFeatureRequest().setFilterRect(box)))
used = list(layer.getFeatures(QgsFeatureRequest().setFilterExpression("land_use = '0701'")))
first = min(features, key=lambda feature: feature["parcel_code"])
corner = first.geometry().boundingBox()
print(
    json.dumps(
        {
            "features": len({feature["parcel_code"] for feature in features}),
            "boxed": len(boxed),
            "used": len(used),
            "fields": [field.name() for field in layer.fields()],
            "west": corner.xMinimum(),
            "south": corner.yMinimum(),
        }
    )
)
# QGIS without a window crashes now and then when it is taken down, after all is said.
sys.stdout.flush()
os._exit(0)
