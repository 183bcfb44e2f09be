// Tests of target URLs and --spawn.

package bench

import (
	"net"
	"reflect"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		text string
		want target
	}{
		{"redis://127.0.0.1:6380", target{proto: protoRedis, network: "tcp", address: "127.0.0.1:6380"}},
		{"redis://localhost", target{proto: protoRedis, network: "tcp", address: "localhost:6379"}},
		{"redis://h:1/5", target{proto: protoRedis, network: "tcp", address: "h:1", db: 5}},
		{"redis://[::1]:7/", target{proto: protoRedis, network: "tcp", address: "[::1]:7"}},
		{"redis://:secret@h:1", target{name: "redis://***@h:1", proto: protoRedis, network: "tcp", address: "h:1", password: "secret"}},
		{"redis://me:pw@h:1/2", target{name: "redis://***@h:1/2", proto: protoRedis, network: "tcp", address: "h:1", username: "me", password: "pw", db: 2}},
		{"memcache://h:11212", target{proto: protoText, network: "tcp", address: "h:11212"}},
		{"memcached://h", target{proto: protoText, network: "tcp", address: "h:11211"}},
		{"redis+unix:///run/r.sock", target{proto: protoRedis, network: "unix", address: "/run/r.sock"}},
		{"memcache+unix:///run/m.sock", target{proto: protoText, network: "unix", address: "/run/m.sock"}},
	} {
		got, err := parseTarget(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if c.want.name == "" {
			c.want.name = c.text
		}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.text, *got, c.want)
		}
	}
	for _, text := range []string{"", "memory", "127.0.0.1:6379", "http://h:1", "redis://", "redis:///5", "redis://h:1/x", "redis://h:1/-1",
		"memcache://h:1/2", "memcache://u:p@h:1", "redis+unix://host/path", "redis+unix://", "redis://h:port", "redis://h:1?x=1"} {
		_, err := parseTarget(text)
		if err == nil {
			t.Errorf("%q was accepted", text)
		} else if strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("%q: more than one line: %v", text, err)
		}
	}
}

func TestErrorsKeepPasswords(t *testing.T) {
	for _, text := range []string{"redis://:hunter2@h:1/x", "memcache://u:hunter2@h:1", "redis://u:hunter2@h:1?x=1", "http://u:hunter2@h", "redis://u:hunter2@h:port", "redis://u:hunter2/@h:1"} {
		if _, err := parseTarget(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestParseSpawn(t *testing.T) {
	for _, c := range []struct {
		text string
		want [][]string
	}{
		{"redis", [][]string{{"redis"}}},
		{"redis,memcached", [][]string{{"redis"}, {"memcached"}}},
		{"/usr/bin/redis-server --io-threads 2,memcached", [][]string{{"/usr/bin/redis-server", "--io-threads", "2"}, {"memcached"}}},
		{`/usr/bin/memcached "-t 1 -o a,b"`, [][]string{{"/usr/bin/memcached", "-t", "1", "-o", "a,b"}}},
		{`"/usr/bin/memcached -o a,b",redis`, [][]string{{"/usr/bin/memcached", "-o", "a,b"}, {"redis"}}},
		{`/usr/bin/redis-server --save '' --x 'a b,c'`, [][]string{{"/usr/bin/redis-server", "--save", "", "--x", "a b,c"}}},
		{`/usr/bin/redis-server "--save '1 2' --y"`, [][]string{{"/usr/bin/redis-server", "--save", "1 2", "--y"}}},
		{" redis , memcached ", [][]string{{"redis"}, {"memcached"}}},
	} {
		got, err := splitSpawn(c.text)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
	targets, err := parseSpawn("redis,cachesrv-memcached,/usr/bin/redis-server --hz 20,/opt/memcached-1.6/memcached,/x/valkey-server")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range targets {
		names = append(names, x.name+" "+x.proto.String())
	}
	want := []string{"cachesrv-redis redis", "cachesrv-memcached text", "redis-server redis", "memcached text", "valkey-server redis"}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	for _, text := range []string{"", "redis,", ",redis", "nginx", "/usr/sbin/nginx", `redis "x`, "redis 'x", "redis \"'x\""} {
		if _, err := parseSpawn(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestUniqueNames(t *testing.T) {
	all := []*target{{name: "a"}, {name: "b"}, {name: "a"}, {name: "a"}}
	uniqueNames(all)
	if all[0].name != "a" || all[2].name != "a#2" || all[3].name != "a#3" || all[1].name != "b" {
		t.Errorf("%s %s %s %s", all[0].name, all[1].name, all[2].name, all[3].name)
	}
}

func TestRefusedConnectionNamesTheTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	text := "redis://" + l.Addr().String()
	l.Close()
	x, err := parseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.dial(); err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

// TestConnectionsSpeakAtOnce: a connection that waits for its turn has sent something, so that no server takes it for a silent one.
func TestConnectionsSpeakAtOnce(t *testing.T) {
	heard := make(chan string, 1)
	f := &fakeRedis{answer: func(words []string, usual string) string {
		heard <- words[0]
		return usual
	}}
	c, err := f.serve(t).dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if word := <-heard; word != "PING" {
		t.Errorf("heard %q", word)
	}
}
