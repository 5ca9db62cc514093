"""Reads from and writes to a feature server with Feast's own client, and prints what came back as JSON.

Usage: feast-client.py FOLDER URL USER. FOLDER is empty and the caller's to remove; URL serves the views
listener_profile and listener_taste; USER is an id of a listener.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import String

folder, url, user = sys.argv[1:]
Path(folder, "feature_store.yaml").write_text(
    f"""project: tastemaker
provider: local
registry: {folder}/registry.db
online_store: {{type: remote, path: "{url}"}}
entity_key_serialization_version: 3
"""
)
names = ["age_group", "city", "state", "country"]
now = datetime.now(timezone.utc)
row = {"user_id": [user], "event_timestamp": [now], **{name: ["x"] for name in names}}
pd.DataFrame(row).to_parquet(Path(folder, "source.parquet"))

listener = Entity(name="listener", join_keys=["user_id"], value_type=ValueType.STRING)
view = FeatureView(
    name="listener_profile",
    entities=[listener],
    ttl=timedelta(0),
    source=FileSource(name="source", path=f"{folder}/source.parquet", timestamp_field="event_timestamp"),
    schema=[Field(name=name, dtype=String) for name in names],
)
store = FeatureStore(repo_path=folder)
store.apply([listener, view])


def read(features):
    rows = [{"user_id": user}, {"user_id": "a stranger"}]
    return store.get_online_features(features=features, entity_rows=rows).to_dict()


first = read(["listener_profile:city", "listener_profile:state"])
written = pd.DataFrame(
    {
        "user_id": [user],
        "event_timestamp": [now - timedelta(seconds=1)],
        "age_group": ["25-34"],
        "city": ["Oslo"],
        "state": [None],
        "country": ["NO"],
    }
)
store.write_to_online_store("listener_profile", written)
second = read(["listener_profile:city", "listener_profile:state"])
lists = read(["listener_taste:favourite_artists"])
print(json.dumps({"first": first, "second": second, "lists": lists}))
