--- loop
while true do end
--- loop around pcall
while true do pcall(function() while true do end end) end
--- loop in xpcall's handler
xpcall(function() error('x') end, function() while true do end end)
--- loop in a coroutine
local c = coroutine.wrap(function() while true do end end) c()
--- coroutines without end
while true do local c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c) end
--- coroutines kept
local t = {} while true do t[#t+1] = coroutine.create(function() end) end
--- coroutines within coroutines
local function f() local c = coroutine.wrap(f) return c() end return f()
--- recursion
local function f() return 1 + f() end return f()
--- recursion without calls on the stack
local function f() return f() end return f()
--- recursion through pcall
local function f() return pcall(f) end return f()
--- recursion through a metatable
local t = {} t = setmetatable(t, {__index = function(t, k) return t[k .. 'x'] end}) return t.a
--- recursion through __newindex
local t = setmetatable({}, {}) getmetatable(t).__newindex = function(t, k, v) t[k] = v end t.a = 1
--- a chain of metatables
local t = {} for i = 1, 200000 do t = setmetatable({}, {__index = t}) end return t.x
--- a circle of metatables
local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) return a.x
--- recursion through tostring
local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) end return tostring(t)
--- recursion through concat
local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return t .. b end return t .. 'x'
--- recursion through comparison
local m = {} m.__lt = function(a, b) return a < b end local a, b = setmetatable({}, m), setmetatable({}, m) return a < b
--- recursion through equality
local m = {} m.__eq = function(a, b) return a == b end local a, b = setmetatable({}, m), setmetatable({}, m) return a == b
--- recursion through call
local t = setmetatable({}, {}) getmetatable(t).__call = function(self) return self() + 1 end return t()
--- recursion through gsub
local function f() return (string.gsub('x', 'x', f)) end return f()
--- recursion through sort
local function f(a, b) table.sort({1, 2, 3}, f) return true end table.sort({1, 2, 3}, f)
--- recursion through load
local function f() load(f) end f()
--- a doubling text
local s = 'x' while true do s = s .. s end
--- a long concatenation
local s = string.rep('x', 1e6) while true do s = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s end
--- a text growing by one
local s = string.rep('x', 1e6) while true do s = s .. 'y' end
--- rep
return string.rep('x', 1e10)
--- rep of rep
local s = string.rep('x', 1e6) return string.rep(s, 1e6)
--- rep with a negative and a huge count
return string.rep('', 1e15) .. string.rep('x', -1e15) .. string.rep('x', 0/0) .. string.rep('ab', 2^62)
--- gsub that grows
local s = string.rep('x', 1e6) return string.gsub(s, 'x', s)
--- gsub that grows by captures
local s = string.rep('x', 1e5) return string.gsub(s, '(.*)', string.rep('%1', 1e5))
--- gsub with a growing function
local s = string.rep('x', 1e6) return string.gsub(s, 'x', function() return s end)
--- a pattern that backtracks
return string.find(string.rep('a', 1e5), string.rep('a*', 50) .. 'b')
--- a pattern that backtracks lazily
return string.find(string.rep('a', 1e5), string.rep('a-', 30) .. 'b')
--- a pattern of optional parts
return string.find(string.rep('a', 40), string.rep('a?', 40) .. string.rep('a', 41))
--- a deep pattern
return string.find(string.rep('a', 1e5), string.rep('a?', 1e5))
--- many captures
return string.find('x', string.rep('(', 1e5))
--- balanced
return string.find(string.rep('(', 1e6), '%b()')
--- a set without end
return string.find('x', '[' .. string.rep('a', 1e6))
--- a big set
local p = '[' .. string.rep('ab', 5e5) .. ']*c' return string.find(string.rep('b', 1e5), p)
--- back references
return string.find(string.rep('a', 1e5) .. 'b', '(.*)%1%1%1c')
--- gmatch without end
for w in string.gmatch(string.rep('a', 1e5), '()') do while true do end end
--- find plain over and over
local s = string.rep('a', 1e6) while true do string.find(s, 'ab', 1, true) end
--- upper over and over
local s = string.rep('a', 1e6) while true do string.upper(s) end
--- format width
return string.format('%' .. string.rep('9', 100) .. 'd', 1)
--- format of format
local s = string.rep('%s', 1e5) return string.format(s, unpack({}))
--- format q of a big text
local s = string.rep('"', 1e6) while true do s = string.format('%q', s) end
--- byte of everything
return string.byte(string.rep('x', 1e6), 1, -1)
--- char of much
local t = {} for i = 1, 7000 do t[i] = 65 end while true do string.char(unpack(t)) end
--- table.concat
local t = {} for i = 1, 1e5 do t[i] = 'xxxxxxxxxx' end local s = table.concat(t) for i = 1, 1e5 do t[i] = s end return table.concat(t)
--- table.concat with a long separator
return table.concat({1, 2, 3, 4, 5, 6, 7, 8, 9}, string.rep('x', 1e8))
--- table.concat with huge indexes
return table.concat({}, 'x', 1, 1e15)
--- table.concat from the lowest index
return table.concat({}, 'x', -2^53, 2^53)
--- a sparse table
local t = {} t[2^52] = 1 t[67108863] = 1 t[1e15] = 2 return #t
--- many sparse tables
local all = {} for i = 1, 1e6 do local t = {} t[2000000] = 1 all[i] = t end
--- tables without end
local t = {} while true do t = {t} end
--- tables by name
local t, i = {}, 0 while true do i = i + 1 t['k' .. i] = i end
--- a growing table
local t = {} while true do t[#t+1] = {} end
--- inserting at the front
local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 'x') end
--- inserting far away
local t = {} table.insert(t, 1e9, 'x') table.insert(t, 2^52, 'x') table.insert(t, -2^52, 'x') return #t
--- removing far away
return table.remove({}, 2^52)
--- sort that lies
local t = {} for i = 1, 1e5 do t[i] = i % 7 end table.sort(t, function(a, b) return true end)
--- sort that loops
table.sort({3, 2, 1}, function() while true do end end)
--- sort of many
local t = {} for i = 1, 2e5 do t[i] = (i * 7919) % 1e6 end while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end
--- foreach that adds
local t = {1} table.foreach(t, function(k) t[k + 1] = 1 end) while true do end
--- unpack
return unpack({}, 1, 1e8)
--- unpack of the extremes
return unpack({}, -2147483648, 2147483647)
--- unpack around the edge
return unpack({}, 2^53, 2^53 + 7000)
--- unpack into tables
local all, t = {}, {} for i = 1, 7000 do t[i] = i end while true do all[#all+1] = {unpack(t)} end
--- further arguments
local function f(...) return f(1, ...) end return f()
--- further arguments kept
local all = {} local function f(...) while true do all[#all+1] = {...} end end local t = {} for i = 1, 7000 do t[i] = i end f(unpack(t))
--- select
return select(-2^53, 1) , select('#')
--- cjson depth
local t = {} for i = 1, 1e5 do t = {t} end return cjson.encode(t)
--- cjson circle
local t = {} t[1] = t return cjson.encode(t)
--- cjson circle with all depth
cjson.encode_max_depth(2147483647) local t = {} t[1] = t return cjson.encode(t)
--- cjson decode depth
return cjson.decode(string.rep('[', 1e6))
--- cjson decode with all depth
cjson.decode_max_depth(2147483647) return cjson.decode(string.rep('[', 1e7))
--- cjson wide
local t = {} for i = 1, 2000 do t[i] = i end for i = 1, 20 do t = {t, t} end return cjson.encode(t)
--- cjson sparse
cjson.encode_sparse_array(true, 0, 0) local t = {} t[2^30] = 1 return cjson.encode(t)
--- cjson sparse without limit
cjson.encode_sparse_array(false, 0, 10) local t = {} t[2^30] = 1 return cjson.encode(t)
--- cjson escapes
local s = string.rep('\0', 3e6) return cjson.encode(cjson.encode(cjson.encode(s)))
--- cjson precision
cjson.encode_number_precision(14) return cjson.encode(1e300)
--- cmsgpack depth
local t = {} for i = 1, 1e5 do t = {t} end return cmsgpack.pack(t)
--- cmsgpack circle
local t = {} t[1] = t t[2] = t return cmsgpack.pack(t)
--- cmsgpack unpack depth
return cmsgpack.unpack(string.rep('\145', 1e6))
--- cmsgpack announced lengths
return pcall(cmsgpack.unpack, '\221\255\255\255\255'), pcall(cmsgpack.unpack, '\223\255\255\255\255'), cmsgpack.unpack('\219\255\255\255\255')
--- cmsgpack many values
return cmsgpack.unpack(string.rep('\1', 1e6))
--- cmsgpack extremes
return cmsgpack.unpack_limit('\1', -1, -1)
--- struct sizes
return struct.pack('I999999999999', 1)
--- struct strings
return struct.pack('c2000000000', 'x')
--- struct unpack offsets
return struct.unpack('>I4', 'xxxx', 2147483647)
--- struct unpack negative offset
return struct.unpack('>I4', 'xxxx', -4)
--- struct many
local s = string.rep('x', 1e6) return struct.unpack(string.rep('b', 1e6), s)
--- struct alignment
return struct.pack('!3i', 1)
--- struct c0
return struct.unpack('Bc0', '\255x')
--- bit.tohex
return bit.tohex(1, 2147483647), bit.tohex(1, -2147483648)
--- sha1hex over and over
local s = string.rep('x', 1e6) while true do redis.sha1hex(s) end
--- loadstring bombs
while true do loadstring(string.rep('local a=1 ', 1e3)) end
--- loadstring depth
return loadstring(string.rep('(', 1e6))
--- loadstring tables
return loadstring('return ' .. string.rep('{', 1e6))
--- loadstring functions
return loadstring(string.rep('function f() ', 1e5))
--- loadstring operators
return loadstring('return ' .. string.rep('not ', 1e6) .. '1')
--- loadstring concatenation
return loadstring('return ' .. string.rep('a..', 1e6) .. '1')
--- loadstring sums
return loadstring('return ' .. string.rep('a+', 3e4) .. '1')
--- loadstring calls
return loadstring('return f' .. string.rep('()', 3e4))
--- loadstring fields
return loadstring('return f' .. string.rep('.a', 3e4))
--- loadstring conditions
return loadstring(string.rep('if a then elseif b then ', 1e5))
--- loadstring constants
local t = {} for i = 1, 3e4 do t[i] = 'x"' .. i .. '"' end return loadstring('x = {' .. table.concat(t, ',') .. '}')
--- loadstring constants for real
local t = {} for i = 1, 3e4 do t[i] = '"' .. i .. '"' end return loadstring('x = {' .. table.concat(t, ',') .. '}')
--- loadstring locals
return loadstring(string.rep('local a ', 1e4))
--- loadstring arguments
return loadstring('f(' .. string.rep('a,', 1e4) .. 'a)')
--- loadstring long names
return loadstring(string.rep('a', 1e5))
--- loadstring long text
return loadstring('return "' .. string.rep('\\065', 1e5) .. '"')
--- loadstring bytecode
return loadstring('\27Lua\81\0\1\4\8\4\8\0')
--- loadstring of nothing known
return loadstring('\0\255\1\2return')
--- load that never ends
return load(function() return 'x' end)
--- a goto that loops
goto a ::a:: goto a
--- numbers
local x = 1e308 * 10 return x - x, tostring(x), tonumber(string.rep('9', 1e6))
--- tonumber of hexadecimal
return tonumber('0x' .. string.rep('f', 1e6)), tonumber(string.rep('z', 1e6), 36)
--- for without end
for i = 1, 1e300, 0.1 do end
--- for with zero
for i = 1, 2, 0 do end
--- collectgarbage
while true do collectgarbage() end
--- a reply that is a circle
local t = {} t[1] = t return t
--- a reply that is a circle of maps
local t = {} t.map = {} t.map.a = t return t
--- a wide reply
local t = {} for i = 1, 1000 do t[i] = 'xxxxxxxx' end for i = 1, 22 do t = {t, t} end return t
--- a reply of a big text many times
local s, t = string.rep('x', 1e7), {} for i = 1, 1000 do t[i] = s end return t
--- errors that are errors
error(setmetatable({}, {__tostring = function() error('x') end}))
--- an error that is a circle
local t = {} t.err = t error(t)
--- an error without a text
error({})
--- an error of the handler
xpcall(error, error)
--- a long error
error(string.rep('x', 1e8))
--- loadstring of too much
return loadstring('return ' .. string.rep('a+', 1e6) .. '1')
--- a loop that is only a break
for _, x in pairs({1, 2, 3}) do while true do break end end repeat break until false return 1
