// The sub-options of memcached's -o: which there are, what their arguments must be, and which have an effect here.

package config

import (
	"fmt"
	"strconv"
	"strings"
)

// subOption is one word of -o. The zero take means: known, without effect here, and one warning that says why.
type subOption struct {
	name  string
	arg   string                             // refusal when the argument is missing; "" takes none
	check func(arg string) error             // refuses an argument
	take  func(m *memArgs, arg string) error // has an effect
	quiet bool                               // its effect is what this server does anyway
	why   string                             // why there is nothing for it to change
}

// Reasons that several options share.
const (
	noDisk      = "items are held in memory only, there is no storage behind it"
	compactor   = "the compactor works whenever enough could go back"
	lentBuffers = "connections have buffers only while these hold something, and all of them count against -m"
)

// count takes what atoi makes of the argument.
func count(name string) func(*memArgs, string) error {
	return func(m *memArgs, arg string) error { m.set(name, strconv.FormatInt(atoi(arg), 10)); return nil }
}

// policy chooses what is evicted, unless -M says nothing is.
func policy(name string) func(*memArgs, string) error {
	return func(m *memArgs, _ string) error {
		if m.last("maxmemory-policy") != "noeviction" {
			m.set("maxmemory-policy", name)
		}
		return nil
	}
}

var subOptions = []subOption{
	{name: "idle_timeout", arg: "Missing numeric argument for idle_timeout", take: func(m *memArgs, arg string) error {
		m.set("timeout", strconv.FormatInt(max(atoi(arg), 0), 10))
		return nil
	}},
	{name: "track_sizes", take: yes("track-sizes")},
	{name: "modern", quiet: true}, {name: "no_modern", why: "there are no older defaults to go back to"},
	{name: "maxconns_fast", quiet: true}, {name: "no_maxconns_fast", why: "connections beyond -c are always closed at once, with a word why"},
	{name: "hashpower", arg: "Missing numeric argument for hashpower", check: checkHashPower,
		why: "the table grows and shrinks with the items"},
	{name: "hash_algorithm", arg: "Missing hash_algorithm argument", check: func(arg string) error {
		if arg != "jenkins" && arg != "murmur3" && arg != "xxh3" {
			return refuse(ExitFailure, "Unknown hash_algorithm option (jenkins, murmur3, xxh3)")
		}
		return nil
	}, why: "keys are hashed with a secret of this process, so that nobody can aim at one bucket"},
	{name: "no_hashexpand", why: "the table grows one bucket at a time, so that no expansion delays anybody"},
	{name: "tail_repair_time", arg: "Missing numeric argument for tail_repair_time",
		check: atLeast(10, "Cannot set tail_repair_time to less than 10 seconds"),
		why:   "no item can be held for ever by a client that hangs"},
	{name: "slab_reassign", quiet: true}, {name: "no_slab_reassign", why: "size classes lend each other nothing but whole pages; -o slab_automove=0 stops the moving of items"},
	{name: "slab_automove", check: func(arg string) error {
		if n := atoi(arg); arg != "" && (n < 0 || n > 2) {
			return refuse(ExitFailure, "slab_automove must be between 0 and 2")
		}
		return nil
	}, take: func(m *memArgs, arg string) error {
		if arg == "" {
			arg = "1"
		}
		m.set("slab-automove", strconv.FormatInt(atoi(arg), 10))
		return nil
	}},
	{name: "slab_automove_ratio", arg: "Missing slab_automove_ratio argument",
		check: between(0, 1, "slab_automove_ratio must be > 0 and < 1"), take: text("slab-automove-ratio")},
	{name: "slab_automove_window", arg: "Missing slab_automove_window argument", check: atLeast(3, "slab_automove_window must be > 2"), why: compactor},
	{name: "slab_automove_freeratio", arg: "Missing slab_automove_freeratio argument", why: compactor},
	{name: "slab_chunk_max", arg: "Missing slab_chunk_max argument", check: whole("slab_chunk_max"), take: func(m *memArgs, arg string) error {
		m.chunk = atoi(arg)
		m.note("-o slab_chunk_max only bounds -I: an item is one block whatever its size")
		return nil
	}},
	{name: "slab_sizes", arg: "Missing slab_sizes argument", why: "the size classes are fixed, at most 12.5 % apart"},
	{name: "no_slab_automove", take: func(m *memArgs, _ string) error { m.set("slab-automove", "0"); return nil }},
	{name: "lru_crawler", quiet: true}, {name: "no_lru_crawler", take: func(m *memArgs, _ string) error { m.set("active-expire", "no"); return nil }},
	{name: "lru_crawler_sleep", arg: "Missing lru_crawler_sleep value", check: func(arg string) error {
		if n := atoi(arg); n < 0 || n > 1000000 {
			return refuse(ExitFailure, "LRU crawler sleep must be between 0 and 1 second")
		}
		return nil
	}, take: count("lru-crawler-sleep")},
	{name: "lru_crawler_tocrawl", arg: "Missing lru_crawler_tocrawl value", take: count("lru-crawler-tocrawl")},
	{name: "lru_maintainer", take: policy("memcached-lru")}, {name: "no_lru_maintainer", take: policy("allkeys-lru")},
	{name: "hot_lru_pct", arg: "Missing hot_lru_pct argument", check: between(0, 80, "hot_lru_pct must be > 1 and < 80"), take: count("hot-lru-pct")},
	{name: "warm_lru_pct", arg: "Missing warm_lru_pct argument", check: between(0, 80, "warm_lru_pct must be > 1 and < 80"), take: count("warm-lru-pct")},
	{name: "hot_max_factor", arg: "Missing hot_max_factor argument", check: between(0, 1e9, "hot_max_factor must be > 0"), take: text("hot-max-factor")},
	{name: "warm_max_factor", arg: "Missing warm_max_factor argument", check: between(0, 1e9, "warm_max_factor must be > 0"), take: text("warm-max-factor")},
	{name: "temporary_ttl", arg: "Missing temporary_ttl argument", take: count("temporary-ttl")},
	{name: "read_buf_mem_limit", arg: "Missing read_buf_mem_limit argument", check: whole("read_buf_mem_limit"), why: lentBuffers},
	{name: "resp_obj_mem_limit", arg: "Missing resp_obj_mem_limit argument", why: lentBuffers},
	{name: "watcher_logbuf_size", arg: "Missing watcher_logbuf_size argument", take: func(m *memArgs, arg string) error {
		m.set("watcher-buffer", strconv.FormatInt(min(max(atoi(arg), 4), 1<<20)<<10, 10))
		return nil
	}},
	{name: "worker_logbuf_size", arg: "Missing worker_logbuf_size argument", why: "events go into the buffers of those who watch at once"},
	{name: "inline_ascii_resp", quiet: true}, {name: "no_inline_ascii_resp", quiet: true}, {name: "no_chunked_items", why: "an item is one block whatever its size"},
	{name: "drop_privileges", why: "system calls are not given up; -u gives up the rights of root"}, {name: "no_drop_privileges", quiet: true},
	{name: "sock_cookie_id", arg: "Missing sock_cookie_id argument", why: "Linux has no such mark for sockets"},
	{name: "ext_path", arg: "Missing ext_path argument", check: extPath, why: noDisk},
	{name: "ext_page_size", arg: "Missing ext_page_size argument", check: whole("ext_page_size"), why: noDisk},
	{name: "ext_wbuf_size", arg: "Missing ext_wbuf_size argument", check: whole("ext_wbuf_size"), why: noDisk},
	{name: "ext_threads", arg: "Missing ext_threads argument", check: whole("ext_threads"), why: noDisk},
	{name: "ext_io_depth", arg: "Missing ext_io_depth argument", check: whole("ext_io_depth"), why: noDisk},
	{name: "ext_item_size", arg: "Missing ext_item_size argument", check: whole("ext_item_size"), why: noDisk},
	{name: "ext_item_age", arg: "Missing ext_item_age argument", check: whole("ext_item_age"), why: noDisk},
	{name: "ext_low_ttl", arg: "Missing ext_low_ttl argument", check: whole("ext_low_ttl"), why: noDisk},
	{name: "ext_drop_unread", why: noDisk},
	{name: "ext_recache_rate", arg: "Missing ext_recache_rate argument", check: whole("ext_recache_rate"), why: noDisk},
	{name: "ext_compact_under", arg: "Missing ext_compact_under argument", check: whole("ext_compact_under"), why: noDisk},
	{name: "ext_drop_under", arg: "Missing ext_drop_under argument", check: whole("ext_drop_under"), why: noDisk},
	{name: "ext_max_frag", arg: "Missing ext_max_frag argument", check: decimal("ext_max_frag"), why: noDisk},
	{name: "ext_max_sleep", arg: "Missing ext_max_sleep argument", check: whole("ext_max_sleep"), why: noDisk},
	{name: "ssl_chain_cert", arg: "Missing ssl_chain_cert argument", take: text("ssl-chain-cert")},
	{name: "ssl_key", arg: "Missing ssl_key argument", take: text("ssl-key")},
	{name: "ssl_verify_mode", arg: "Missing ssl_verify_mode argument", check: atMost3("ssl_verify_mode"), take: text("ssl-verify-mode")},
	{name: "ssl_keyformat", arg: "Missing ssl_keyformat argument", check: func(arg string) error {
		if arg != "1" {
			return refuse(ExitUsage, "Error loading the key: only PEM (ssl_keyformat=1) is read")
		}
		return nil
	}, quiet: true},
	{name: "ssl_ciphers", arg: "Missing ssl_ciphers argument", take: text("ssl-ciphers")},
	{name: "ssl_ca_cert", arg: "Missing ssl_ca_cert argument", take: text("ssl-ca-cert")},
	{name: "ssl_wbuf_size", arg: "Missing ssl_wbuf_size argument", check: whole("ssl_wbuf_size"), why: "records are written as replies are, at most 64 KB ahead of what the client takes"},
	{name: "ssl_session_cache", take: yes("ssl-session-cache")}, {name: "ssl_kernel_tls", why: "records are sealed in this process, by the loops that send them"},
	{name: "ssl_min_version", arg: "Missing ssl_min_version argument", check: atMost3("ssl_min_version"), take: text("ssl-min-version")},
}

// takeExtended reads the list behind -o, which may be empty.
func takeExtended(m *memArgs, list string) error {
	if list == "" {
		return nil
	}
	for _, word := range strings.Split(strings.TrimSuffix(list, ","), ",") {
		name, arg, has := strings.Cut(word, "=")
		o := findSubOption(name)
		if o == nil {
			return refuse(ExitFailure, "Illegal suboption \"%s\"", word)
		}
		if o.arg != "" && !has {
			return refuse(ExitFailure, "%s", o.arg)
		}
		if o.check != nil {
			if err := o.check(arg); err != nil {
				return err
			}
		}
		m.flag = "-o " + name
		switch {
		case o.take != nil:
			if err := o.take(m, arg); err != nil {
				return err
			}
		case o.why != "":
			m.note(fmt.Sprintf("-o %s is accepted and changes nothing: %s", name, o.why))
		case !o.quiet:
			m.note(fmt.Sprintf("-o %s is accepted, but this version does not have its feature yet: it has no effect", name))
		}
	}
	return nil
}

func (m *memArgs) note(text string) {
	for _, earlier := range m.notes {
		if earlier == text {
			return
		}
	}
	m.notes = append(m.notes, text)
}

func findSubOption(name string) *subOption {
	for i := range subOptions {
		if subOptions[i].name == name {
			return &subOptions[i]
		}
	}
	return nil
}

func atLeast(min int64, words string) func(string) error {
	return func(arg string) error {
		if atoi(arg) < min {
			return refuse(ExitFailure, "%s", words)
		}
		return nil
	}
}

// whole takes numbers of 32 bits without a sign, decimal such with a fraction.
func whole(name string) func(string) error {
	return func(arg string) error {
		if _, err := strconv.ParseUint(strings.TrimSpace(arg), 10, 32); err != nil {
			return refuse(ExitFailure, "could not parse argument to %s", name)
		}
		return nil
	}
}

func decimal(name string) func(string) error {
	return func(arg string) error {
		if _, err := strconv.ParseFloat(strings.TrimSpace(arg), 64); err != nil {
			return refuse(ExitFailure, "could not parse argument to %s", name)
		}
		return nil
	}
}

// extPath wants a size behind the path.
func extPath(arg string) error {
	_, size, found := strings.Cut(arg, ":")
	if !found || size == "" {
		return refuse(ExitFailure, "must supply size to ext_path, ie: ext_path=/f/e:64m (M|G|T|P supported)\nfailed to parse ext_path argument")
	}
	return nil
}

// atMost3 takes 0 to 3.
func atMost3(name string) func(string) error {
	return func(arg string) error {
		if len(arg) != 1 || arg[0] < '0' || arg[0] > '3' {
			return refuse(ExitFailure, "Invalid %s. Use help to see valid options.", name)
		}
		return nil
	}
}

// between takes numbers above low and below high.
func between(low, high float64, words string) func(string) error {
	return func(arg string) error {
		f, err := strconv.ParseFloat(arg, 64)
		if err != nil || f <= low || f >= high {
			return refuse(ExitFailure, "%s", words)
		}
		return nil
	}
}

// checkHashPower has the original's bounds, although the tables here need no hint.
func checkHashPower(arg string) error {
	switch n := atoi(arg); {
	case n < 12:
		return refuse(ExitFailure, "Initial hashtable multiplier of %d is too low", n)
	case n > 32:
		return refuse(ExitFailure, "Initial hashtable multiplier of %d is too high\nChoose a value based on \"STAT hash_power_level\" from a running instance", n)
	}
	return nil
}
