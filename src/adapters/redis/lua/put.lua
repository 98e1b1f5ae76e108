-- Keeps a copy, unless what is known is newer: Redis runs a script as one step.
-- KEYS: the entry. ARGV: the version, how long it lives in milliseconds, and the copy; without one, what is older is outdated.
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then
    redis.call('DEL', KEYS[1])
end
local known, version = tonumber(redis.call('HGET', KEYS[1], 'version') or ''), tonumber(ARGV[1])
if known and (known > version or (known == version and not ARGV[3])) then
    return 0
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[1])
if ARGV[3] then
    redis.call('HSET', KEYS[1], 'copy', ARGV[3])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
