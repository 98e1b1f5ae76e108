-- What `RateLimit.counted` makes of the counter: Redis runs a script as one step.
-- KEYS: the counter. ARGV: the time in microseconds since 1970, then the limit's count, window_s, growth, longest_wait_s.
local SECOND = 1000000
local at, count, window_s, growth, longest_wait_s = unpack(ARGV)
at, count, window_s = tonumber(at), tonumber(count), tonumber(window_s)

local stored = redis.call('HMGET', KEYS[1], 'tries', 'length_s', 'ends_at')
local tries, length_s, ends_at = tonumber(stored[1]), tonumber(stored[2]), tonumber(stored[3])

if ends_at and at < ends_at then
    tries = tries + 1
    ends_at = math.min(ends_at, at + length_s * SECOND)
else
    if ends_at and tries >= count and at < ends_at + length_s * SECOND then
        length_s = math.max(window_s, math.min(length_s * tonumber(growth), tonumber(longest_wait_s)))
    else
        length_s = window_s
    end
    tries, ends_at = 1, at + length_s * SECOND
end

redis.call('HSET', KEYS[1], 'tries', tries, 'length_s', length_s, 'ends_at', ends_at)
-- It is kept until `RateCounter.forgotten_at`.
redis.call('PEXPIRE', KEYS[1], math.ceil((ends_at - at) / 1000) + length_s * 1000)
return {tries, length_s, ends_at}
