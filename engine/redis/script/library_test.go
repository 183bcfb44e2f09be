package script

import "testing"

// getAndSet knows the keys of two commands.
func getAndSet(words []*string) (at []int, ok bool) {
	if *words[0] == "get" || *words[0] == "set" {
		return []int{1}, true
	}
	return nil, *words[0] == "ping"
}

// TestLibrarySafe: a library is safe only if the text shows, for every command in it, that its keys are those of the call.
func TestLibrarySafe(t *testing.T) {
	for body, safe := range map[string]bool{
		"redis.register_function('f', function(keys, args) return redis.call('get', keys[1]) end)":                                                                     true,
		"redis.register_function{function_name='f', callback=function(k) return redis.call('get', k[1]) end, flags={'no-writes'}}":                                     true,
		"redis.register_function('f', function(k, a) local x = k[2] return redis.call('set', x, a[1]) end)":                                                            true,
		"local n = 3 redis.register_function('f', function(k) for i, x in ipairs(k) do redis.call('set', x, n) end return #k end)":                                     true,
		"redis.register_function('f', function(k) return redis.call('get', k[1]) end) redis.register_function('g', function(k) return redis.call('get', k[2]) end)":    true,
		"redis.register_function('f', function(k) return redis.call('get', k[1]) end) redis.register_function('g', function(keys) return redis.call('ping') end)":      false,
		"redis.register_function('f', function(k, a) return redis.call('get', a[1]) end)":                                                                              false,
		"redis.register_function('f', function(k) return redis.call('get', 'fixed') end)":                                                                              false,
		"redis.register_function('f', function(k) return redis.call('get', KEYS[1]) end)":                                                                              false,
		"local function get(k) return redis.call('get', k[1]) end redis.register_function('f', function(k, a) return get(a) end)":                                      false,
		"local function get(x) return redis.call('get', x) end redis.register_function('f', function(k, a) return get(a[1]) end)":                                      false,
		"local function f(k) return redis.call('get', k[1]) end redis.register_function('f', f)":                                                                       false,
		"redis.register_function('f', function(k) k = {'other'} return redis.call('get', k[1]) end)":                                                                   false,
		"redis.register_function('f', function(k) k[1] = 'other' return redis.call('get', k[1]) end)":                                                                  false,
		"redis.register_function('f', function(k) table.insert(k, 1, 'other') return redis.call('get', k[1]) end)":                                                     false,
		"redis.register_function('f', function(k) local c = redis.call return c('get', k[1]) end)":                                                                     false,
		"redis.register_function('f', function(k) local k = {'other'} return redis.call('get', k[1]) end)":                                                             false,
		"redis.register_function('f', function(...) local k = ... return redis.call('get', k[1]) end)":                                                                 false,
		"redis.register_function('f', function(k) return redis.call(k[1], 'x') end)":                                                                                   false,
		"local r = redis.register_function r('f', function(k, a) return redis.call('get', a[1]) end)":                                                                  false,
		"local t = {callback=function(a, k) return redis.call('get', k[1]) end, function_name='f'} redis.register_function(t)":                                         false,
		"redis.register_function{callback=function(k) return redis.call('get', k[1]) end, function_name='f', callback=function(a, k) return redis.call('get', a) end}": false,
	} {
		s := NewState(ForFunctions, Version{"7.2.0", 1})
		lib, err := s.Load("#!lua name=l\n"+body, getAndSet, nil, Limits{})
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if lib.Safe != safe {
			t.Errorf("safe %v: %s", lib.Safe, body)
		}
	}
}
