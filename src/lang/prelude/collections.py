# collections: containers that are others here
from collections import defaultdict

OrderedDict = dict
deque = list


def Counter(items=None):
    counts = defaultdict(int)
    if isinstance(items, dict):
        counts.update(items)
        return counts
    for x in items or ():
        counts[x] += 1
    return counts
