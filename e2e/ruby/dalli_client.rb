# Debian's ruby-dalli (binary protocol) against the server: storing, versions, counters, quiet pipelines. Prints "all good" at the end.
require "dalli"

def check(what, got, want)
  abort "#{what}: #{got.inspect}, want #{want.inspect}" unless got == want
end

c = Dalli::Client.new("127.0.0.1:#{ARGV[0]}", expires_in: 300, compress: true, socket_timeout: 10)
c.flush
abort "no version" unless c.version.values.first.start_with?("1.6")
abort "set" unless c.set("k", { "a" => [1, 2, nil] }, 100)
check "get", c.get("k"), { "a" => [1, 2, nil] }
check "get of nothing", c.get("nosuch"), nil
check "add of what is there", c.add("k", "x"), false
abort "replace" unless c.replace("k", "w", nil, raw: true)
abort "append" unless c.append("k", "2")
abort "prepend" unless c.prepend("k", "1")
check "raw", c.get("k", raw: true), "1w2"
check "incr with a default", c.incr("n", 5, nil, 10), 10
check "incr", c.incr("n", 5), 15
check "decr", c.decr("n", 20), 0
check "incr of nothing", c.incr("nosuch", 1), nil
c.set("c", "old")
check "cas", (c.cas("c") { |v| v + "er" }) ? true : false, true
check "after cas", c.get("c"), "older"
value, cas = c.get_cas("c") if c.respond_to?(:get_cas)
check "late", c.set_cas("c", "late", 12_345), false if cas
check "fetch", c.fetch("f") { "made" }, "made"
check "fetch again", c.fetch("f") { "again" }, "made"
c.multi { 500.times { |i| c.set("m#{i}", i) } } # quiet sets and a noop
got = c.get_multi((0...500).map { |i| "m#{i}" } + ["nosuch"])
check "get_multi", [got.size, got["m499"]], [500, 499]
check "touch", c.touch("k", 50) ? true : false, true
check "gat", c.gat("c", 60), "older" if c.respond_to?(:gat)
long = "x" * 400_000
c.set("long", long)
check "compressed", c.get("long"), long
c.delete("k")
check "deleted", c.get("k"), nil
abort "stats" unless c.stats.values.first["curr_items"].to_i >= 500
c.close
puts "all good"
