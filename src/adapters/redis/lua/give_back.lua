-- What `RateLimit.given_back` makes of the counter.
-- KEYS: the counter. ARGV: the time in microseconds since 1970, then the limit's count.
local at, count = tonumber(ARGV[1]), tonumber(ARGV[2])

local stored = redis.call('HMGET', KEYS[1], 'tries', 'ends_at')
local tries, ends_at = tonumber(stored[1]), tonumber(stored[2])

if ends_at and at < ends_at then
    redis.call('HSET', KEYS[1], 'tries', math.max(math.min(tries, count) - 1, 0))
end
