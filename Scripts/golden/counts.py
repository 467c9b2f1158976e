"""Writes how many golden cases there are of each layer; the numbers may only grow."""

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[2] / "Tests" / "Golden"


def counted():
    classes = {}
    for folder in ("layers", "recorded", "augmentations"):
        for file in sorted((GOLDEN / folder).glob("*.json")):
            for case in json.loads(file.read_text())["cases"]:
                name = case["config"].get("class_name") or case["class_name"]
                count = classes.setdefault(name, {"cases": 0, "gradients": 0})
                count["cases"] += 1
                count["gradients"] += bool(case.get("cotangents"))
    total = {key: sum(count[key] for count in classes.values()) for key in ("cases", "gradients")}
    return {"total": total, "classes": dict(sorted(classes.items()))}


if __name__ == "__main__":
    file = GOLDEN / "counts.json"
    counts = counted()
    if file.exists():
        before = json.loads(file.read_text())["classes"]
        fewer = [name for name, count in before.items() for key in count
                 if counts["classes"].get(name, {}).get(key, 0) < count[key]]
        if fewer:
            sys.exit(f"fewer cases than before, so nothing is written: {sorted(set(fewer))}")
    lines = ",\n".join(f'  "{name}": {json.dumps(count)}'
                       for name, count in counts["classes"].items())
    file.write_text(f'{{"total": {json.dumps(counts["total"])},\n"classes": {{\n{lines}\n}}}}\n')
    print(counts["total"], file=sys.stderr)
