/**
 * The shared limits' rules in Lua. `limits/rules.ts` and the contract's counters are the reference; a property test compares
 * every number. A script runs whole, so what it reads stays true until it has written: that is the reservation's atomicity.
 *
 * Every key a script touches is in KEYS and carries one hash tag, as Redis Cluster requires. Numbers are written with 17
 * digits, so a double survives.
 */
import { COUNTED_ONLY, ROUNDING } from "@headgate/contract";
import { SKEW_MS } from "../limits/rules.ts";

const RULES = `
local SKEW = ${SKEW_MS}
local NEVER = ${Number.MAX_SAFE_INTEGER}
local ROUNDING = ${ROUNDING}
local COUNTED_ONLY = ${COUNTED_ONLY}
local function num(x) return string.format('%.17g', x) end
local function whole(x) return string.format('%.0f', x) end

local function clock(at, now)
  if now < at and now >= at - SKEW then return at end
  return now
end

local function read(key)
  local flat, fields = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

-- Leases: one member for each, so that counting them costs no more when there are many.
local function look_at_leases(key, now, lease)
  local latest = whole(now + lease)
  local ahead = redis.call('ZRANGEBYSCORE', key, '(' .. whole(now + lease + SKEW), '+inf')
  for _, member in ipairs(ahead) do redis.call('ZADD', key, latest, member) end
  local used = redis.call('ZCOUNT', key, '(' .. num(now), '+inf')
  return { key = key, kind = 'c', now = now, jumped = false, used = used }
end

local function member(ticket, number)
  if number == 1 then return ticket end
  return ticket .. '#' .. number
end

local function hold(v, ticket, count, lease)
  if redis.call('ZSCORE', v.key, ticket) then
    local held = 1
    while redis.call('ZSCORE', v.key, member(ticket, held + 1)) do held = held + 1 end
    count = count + held
  end
  for number = 1, count do redis.call('ZADD', v.key, num(v.now + lease), member(ticket, number)) end
end

local function leave(v, ticket)
  local number = 1
  while redis.call('ZREM', v.key, member(ticket, number)) == 1 do number = number + 1 end
end

local function look(key, m, caller, lease, claims)
  local kind = m.k
  if kind == 'c' then return look_at_leases(key, caller, lease) end
  local f = read(key)
  if f.k ~= kind then f = {} end
  local known = f.k ~= nil
  local v = { key = key, kind = kind, now = caller, jumped = false, window = m.w }
  if known then
    local at = tonumber(f.t)
    v.now = clock(at, caller)
    v.jumped = v.now < at
  end
  if kind == 's' then
    v.part = m.w / m.n
    v.parts = {}
    if known then
      local same = tonumber(f.p) == v.part
      local current = math.floor(v.now / v.part)
      local numbers = {}
      for field, _ in pairs(f) do
        local number = tonumber(field)
        if number then numbers[#numbers + 1] = { number, field } end
      end
      table.sort(numbers, function(a, b) return a[1] < b[1] end)
      for _, pair in ipairs(numbers) do
        local at = pair[1]
        if not same then at = math.ceil((at + 1) * tonumber(f.p) / v.part) - 1 end
        at = math.min(at, current)
        if (at + 1) * v.part + m.w > v.now then
          local last = v.parts[#v.parts]
          local units = tonumber(f[pair[2]])
          if last and last[1] == at then last[2] = last[2] + units
          else v.parts[#v.parts + 1] = { at, units } end
        end
      end
    end
  elseif kind == 'b' then
    v.amount = m.a or tonumber(f.a or '0')
    v.used = 0
    if known then
      local back = math.max(0, v.now - tonumber(f.t)) * v.amount / m.w
      v.used = math.max(0, tonumber(f.u) - back)
      if claims then v.used = math.min(v.used, v.amount) end
    end
  else
    local stated = m.e or NEVER
    local ends = tonumber(f.e or '0')
    if not known or v.now >= ends then
      v.used, v.since, v.ends = 0, v.now, 0
      if stated > v.now then v.ends = stated end
    else
      v.used, v.ends = tonumber(f.u), ends
      v.since = math.min(tonumber(f.s), v.now)
      if claims and stated > v.now then v.ends = stated end
    end
  end
  return v
end

local function used_of(v)
  local used = 0
  if v.kind == 's' then for _, part in ipairs(v.parts) do used = used + part[2] end
  else used = v.used end
  return used
end

-- Units taken from the claim's period on.
local function in_period(v, m)
  if v.kind ~= 's' or not m.f then return used_of(v) end
  local from, used = math.floor(m.f / v.part), 0
  for _, part in ipairs(v.parts) do if part[1] >= from then used = used + part[2] end end
  return used
end

-- nil: that is not known.
local function opens_at(v, m, wanted)
  if m.p and v.kind == 's' then
    if in_period(v, m) + wanted - m.a <= ROUNDING then return v.now end
    if wanted > m.a then return nil end
    return m.e or NEVER
  end
  local over = used_of(v) + wanted - m.a
  if over <= ROUNDING then return v.now end
  if wanted > m.a or v.kind == 'c' then return nil end
  if v.kind == 'b' then return v.now + math.ceil(over * m.w / m.a) end
  if v.kind == 'd' then return v.ends end
  local last
  for _, part in ipairs(v.parts) do
    over = over - part[2]
    last = (part[1] + 1) * v.part + m.w
    if over <= ROUNDING then return last end
  end
  return last
end

local function keep(v, lease)
  if v.kind == 'c' then
    redis.call('ZREMRANGEBYSCORE', v.key, '-inf', num(v.now))
    redis.call('PEXPIRE', v.key, whole(math.max(120000, lease * 2)))
    return
  end
  local out, ttl = { 'k', v.kind }, nil
  if v.kind == 's' then
    out[3], out[4], out[5], out[6] = 't', num(v.now), 'p', num(v.part)
    for _, part in ipairs(v.parts) do
      out[#out + 1] = num(part[1])
      out[#out + 1] = num(part[2])
    end
    ttl = v.window * 2
  elseif v.kind == 'b' then
    out = { 'k', 'b', 't', num(v.now), 'u', num(v.used), 'a', num(v.amount) }
    ttl = v.window * 2
  else
    out = { 'k', 'd', 't', num(v.now), 'u', num(v.used), 's', num(v.since), 'e', num(v.ends) }
    ttl = v.ends - v.now + 86400000
  end
  redis.call('DEL', v.key)
  -- Lua's stack holds some thousands of values; a window of very many parts is written in batches.
  for first = 1, #out, 2000 do
    redis.call('HSET', v.key, unpack(out, first, math.min(first + 1999, #out)))
  end
  redis.call('PEXPIRE', v.key, whole(math.max(120000, math.min(ttl, 34560000000))))
end

local function add_to(v, number, units)
  for i, part in ipairs(v.parts) do
    if part[1] == number then part[2] = math.max(0, part[2] + units); return end
    if part[1] > number then
      if units > 0 then table.insert(v.parts, i, { number, units }) end
      return
    end
  end
  if units > 0 then v.parts[#v.parts + 1] = { number, units } end
end

local function take(v, need, ticket, lease)
  if v.kind == 'c' then
    hold(v, ticket, need, lease)
  elseif v.kind == 's' then add_to(v, math.floor(v.now / v.part), need)
  else v.used = v.used + need end
end

local function charge(v, m, units)
  if v.kind == 's' then
    local number = math.min(math.floor(m.t / v.part), math.floor(v.now / v.part))
    if (number + 1) * v.part + m.w > v.now then add_to(v, number, units) end
  elseif v.kind == 'b' then
    if v.now - m.t <= v.window then v.used = math.max(0, v.used + units) end
  elseif v.kind == 'd' then
    local ends = m.e or NEVER
    if ends <= v.now or (ends ~= v.ends and m.t < v.since) then return end
    v.used = math.max(0, v.used + units)
  end
end

local function settle(v, m, ticket)
  if v.kind == 'c' then leave(v, ticket) else charge(v, m, m.u - m.r) end
end

local function add(v, m)
  if v.kind == 'c' then return end
  local before = v.used
  charge(v, m, m.u)
  if v.kind == 'b' and v.amount ~= 0 then v.used = math.min(v.used, math.max(before, v.amount)) end
end

local function correct(v, m)
  if v.kind == 'c' then return end
  if v.kind ~= 's' then v.used = math.max(0, m.u); return end
  local over = used_of(v) - math.max(0, m.u)
  if over <= 0 then add_to(v, math.floor(v.now / v.part), -over); return end
  local parts = {}
  for _, part in ipairs(v.parts) do
    local gone = math.min(part[2], over)
    over = over - gone
    if part[2] - gone > 0 then parts[#parts + 1] = { part[1], part[2] - gone } end
  end
  v.parts = parts
end
`;

/**
 * KEYS: the ticket, the cooldowns, then meters. ARGV[1]: JSON {now, lease, ttl, ticket, claims: [{m: [meter], s: [id]}]}
 * where a meter is {i: its key's index in KEYS, k: kind, a: amount, q: need, w: window, n: slices, e: end of the period,
 * f: the period's first moment, p: only units of the period count}.
 * Returns {index of the claim, "", {each meter's count before it, and its period's}}, {-1, when the first opens or ""}, or {-2, ""} for a ticket that was cancelled before.
 */
export const RESERVE = `${RULES}
local request = cjson.decode(ARGV[1])
local now, lease = request.now, request.lease
if redis.call('EXISTS', KEYS[1]) == 1 then return { -2, '' } end
local sights, first = {}, nil
local function sight(m)
  local v = sights[m.i]
  if not v then
    v = look(KEYS[m.i], m, now, lease, true)
    if v.jumped then keep(v, lease) end
    sights[m.i] = v
  end
  return v
end
for index, claim in ipairs(request.claims) do
  local open, at = true, 0
  for _, id in ipairs(claim.s) do
    local text = redis.call('HGET', KEYS[2], id)
    local cooldowns = text and tonumber(string.match(text, '^%S+')) or 0
    if cooldowns > now then
      open = false
      at = math.max(at, cooldowns)
    end
  end
  local wanted = {}
  for _, m in ipairs(claim.m) do
    if m.a < COUNTED_ONLY then
      local v = sight(m)
      local need = (wanted[m.i] or 0) + m.q
      wanted[m.i] = need
      local opens = opens_at(v, m, need)
      if not opens then open = false; at = nil
      elseif opens > v.now then
        open = false
        if at then at = math.max(at, opens) end
      end
    end
  end
  if open then
    local counted = {}
    for _, m in ipairs(claim.m) do
      local v = sight(m)
      counted[#counted + 1] = num(used_of(v))
      counted[#counted + 1] = num(in_period(v, m))
    end
    for _, m in ipairs(claim.m) do
      local v = sight(m)
      take(v, m.q, request.ticket, lease)
      keep(v, lease)
    end
    redis.call('SET', KEYS[1], index - 1, 'PX', whole(request.ttl))
    return { index - 1, '', counted }
  end
  if at and (not first or at < first) then first = at end
end
return { -1, first and num(first) or '' }
`;

/**
 * What is not awaited, many at once and in order. ARGV[1]: JSON {now, lease, ttl, ops}. An op's `o` is its kind:
 * s settle, x cancel, r renew, c correct, a add what was used. `i` is the index of its ticket's key in KEYS.
 * A ticket that is gone was settled before: a list that is delivered twice counts once.
 */
export const APPLY = `${RULES}
local request = cjson.decode(ARGV[1])
local now, lease = request.now, request.lease
local function each(op, claims, change)
  for _, m in ipairs(op.m) do
    local v = look(KEYS[m.i], m, now, lease, claims)
    change(v, m)
    keep(v, lease)
  end
end
local function finish(op)
  local index = redis.call('GET', KEYS[op.i])
  if not index or index == 'gone' then return nil end
  redis.call('DEL', KEYS[op.i])
  return tonumber(index)
end
for _, op in ipairs(request.ops) do
  if op.o == 's' then
    if finish(op) then each(op, false, function(v, m) settle(v, m, op.ticket) end) end
  elseif op.o == 'x' then
    local index = finish(op)
    if index and index >= 0 then
      each({ m = op.claims[index + 1] }, false, function(v, m)
        settle(v, { u = 0, r = m.q, t = op.t, w = m.w, e = m.e }, op.ticket)
      end)
    elseif not index then
      redis.call('SET', KEYS[op.i], 'gone', 'PX', 120000)
    end
  elseif op.o == 'r' then
    if redis.call('EXISTS', KEYS[op.i]) == 1 then
      redis.call('PEXPIRE', KEYS[op.i], whole(request.ttl))
      each(op, false, function(v, m)
        for number = 1, m.q do redis.call('ZADD', v.key, num(v.now + lease), member(op.ticket, number)) end
      end)
    end
  elseif op.o == 'c' then
    each(op, true, correct)
  elseif op.o == 'a' then
    if redis.call('SET', KEYS[op.i], '1', 'PX', whole(request.ttl), 'NX') then each(op, false, add) end
  end
end
return #request.ops
`;

/**
 * KEYS[1]: cooldowns; ARGV: channel, sender, expiry in ms, "keep" to keep a longer cooldown that is there, then id and text
 * (`<untilMs> <json>`) in pairs. What is kept is also published to the other replicas.
 */
export const SAVE_COOLDOWNS = `
local saved = {}
for i = 5, #ARGV, 2 do
  local there = ARGV[4] == 'keep' and redis.call('HGET', KEYS[1], ARGV[i])
  local longer = there and tonumber(string.match(there, '^%S+')) > tonumber(string.match(ARGV[i + 1], '^%S+'))
  if not longer then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    saved[#saved + 1] = ARGV[i + 1]
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if #saved > 0 then redis.call('PUBLISH', ARGV[1], cjson.encode({ ARGV[2], saved })) end
return #saved
`;

/** KEYS: the leader lock, its token; ARGV: holder, ttl in ms. The token, or nothing when another holds it. */
export const ACQUIRE = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return nil end
local time = redis.call('TIME')
local token = math.max(tonumber(redis.call('INCR', KEYS[2])), tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('SET', KEYS[2], string.format('%.0f', token), 'PX', 31536000000)
return string.format('%.0f', token)
`;

/** KEYS[1]: the leader lock; ARGV: holder, ttl in ms, or 0 to give it back. 1 when it was held. */
export const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/**
 * Beyond ARGV[1] bytes drops what was least recently read. KEYS: last reads (sorted), sizes (hash); ARGV: most bytes,
 * prefix of the values' keys. Values share the hash tag, though they are not in KEYS.
 */
export const SWEEP = `
local sizes = redis.call('HGETALL', KEYS[2])
local size, total = {}, 0
for i = 1, #sizes, 2 do
  if redis.call('EXISTS', ARGV[2] .. sizes[i]) == 0 then
    redis.call('ZREM', KEYS[1], sizes[i])
    redis.call('HDEL', KEYS[2], sizes[i])
  else
    size[sizes[i]] = tonumber(sizes[i + 1])
    total = total + size[sizes[i]]
  end
end
local dropped = 0
if total > tonumber(ARGV[1]) then
  for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if total <= tonumber(ARGV[1]) then break end
    total = total - (size[key] or 0)
    redis.call('DEL', ARGV[2] .. key)
    redis.call('ZREM', KEYS[1], key)
    redis.call('HDEL', KEYS[2], key)
    dropped = dropped + 1
  end
end
return dropped
`;
