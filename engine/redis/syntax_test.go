// Tests of the syntax notation.

package redis

import "testing"

func TestSyntax(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"key:key0 value":                        "key value",
		"key:key0...":                           "key [key …]",
		"[a:<X | Y>] [GET]":                     "[X | Y] [GET]",
		"a:<X | Y>":                             "<X | Y>",
		"pair:{key:key0 value}...":              "key value [key value …]",
		`["EX" seconds:int]^6.2.0`:              "[EX seconds]",
		`["PREFIX" p+...]`:                      "[PREFIX p [PREFIX p …]]",
		`["ID" id:{client-id:int...}]`:          "[ID client-id [client-id …]]",
		"f:<ip:port!2.8.12 | b:<[X] | [Y]>...>": "<ip:port | <[X] | [Y]> [<[X] | [Y]> …]>",
	} {
		if got := usage(parseSyntax("test", in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestSyntaxDetails(t *testing.T) {
	a := parseSyntax("test", `key:key1 [x:<"EX" s:time^6.2.0!7.0.0 | name=TOK>]^1.0.0`)
	if k := a[0]; k.kind != "key" || k.key != 1 || k.optional {
		t.Errorf("%+v", k)
	}
	x := a[1]
	if x.kind != "oneof" || !x.optional || x.since != "1.0.0" || len(x.parts) != 2 {
		t.Errorf("%+v", x)
	}
	if s := x.parts[0]; s.kind != "unix-time" || s.token != "EX" || s.since != "6.2.0" || s.gone != "7.0.0" || s.key != -1 {
		t.Errorf("%+v", s)
	}
	if n := x.parts[1]; n.kind != "pure-token" || n.name != "name" || n.token != "TOK" {
		t.Errorf("%+v", n)
	}
	for _, bad := range []string{"[a", "a:<b", "a:{b", `"T`, "a ]"} {
		if !panics(func() { parseSyntax("test", bad) }) {
			t.Errorf("%s: taken", bad)
		}
	}
}
