"""The arithmetic of a limiter said plainly, one step after another, to compare the real one with."""

NAMES = ("requests", "tokens", "input_tokens", "output_tokens")
SHARE = 0.97


class PlainBucket:
    def __init__(self, limit, now):
        self.capacity, self.rate = limit * SHARE, limit * SHARE / 60.0
        self.level, self.updated = self.capacity, now
        self.taken = self.seen = 0.0

    def refill(self, now):
        if now > self.updated:
            self.level = min(self.capacity, self.level + (now - self.updated) * self.rate)
            self.updated = now

    def ready(self, amount, now):
        self.refill(now)
        return min(amount, self.capacity) <= self.level

    def take(self, amount, now):
        self.refill(now)
        if self.level >= self.capacity:
            self.updated = now + 3.0
        self.level -= amount
        self.taken += amount

    def correct(self, amount, now):
        self.refill(now)
        self.level = min(self.capacity, self.level + amount)

    def counted(self, amount, now):
        self.seen += amount
        self.updated = min(self.updated, now)


class PlainLimiter:
    """Begins and ends requests at a given moment; nobody waits, and the host says nothing."""

    def __init__(self, limits, now):
        """``limits``: a number for each name that is limited, and ``concurrency``."""
        self.most = limits.get("concurrency")
        self.buckets = {name: PlainBucket(limits[name], now) for name in NAMES if name in limits}
        self.running, self.ratio, self.answer = 0, 1.0, 400.0

    def begin(self, prompt, ceiling, now):
        """What is taken, by name; None where it must wait."""
        if self.most is not None and self.running >= self.most:
            return None
        prompt *= self.ratio
        answer = self.answer if ceiling is None else min(self.answer, ceiling)
        whole = prompt + (answer if ceiling is None else ceiling)
        amounts = dict(zip(NAMES, (1.0, whole, prompt, answer), strict=True))
        amounts = {name: amounts[name] for name in self.buckets}
        if not all(bucket.ready(amounts[name], now) for name, bucket in self.buckets.items()):
            return None
        for name, amount in amounts.items():
            self.buckets[name].take(amount, now)
        self.running += 1
        return amounts

    def end(self, taken, size, usage, now, *, refused=False):
        self.running -= 1
        used = {}
        if refused:
            used = dict.fromkeys(NAMES[1:], 0.0)
        elif usage is not None:
            if usage.input_tokens is not None:
                used["input_tokens"] = usage.input_tokens - (usage.cache_read_tokens or 0)
            if usage.output_tokens is not None:
                used["output_tokens"] = usage.output_tokens
            if usage.total_tokens is not None:
                used["tokens"] = usage.total_tokens
        for name, amount in taken.items():
            if name in used:
                self.buckets[name].correct(amount - used[name], now)
            self.buckets[name].counted(amount, now)
        if usage is not None:
            if usage.input_tokens and size:
                self.ratio += (usage.input_tokens / size - self.ratio) * 0.1
            if usage.output_tokens is not None:
                self.answer += (usage.output_tokens - self.answer) * 0.1

    def unsent(self, taken, now):
        self.running -= 1
        for name, amount in taken.items():
            self.buckets[name].correct(amount, now)
            self.buckets[name].counted(amount, now)
