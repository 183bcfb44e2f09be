// Options: the flags of all bench commands, and what they mean once checked.

package bench

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// options holds the flags. A command registers the groups it uses; the others keep their zero values.
type options struct {
	// which servers
	urls  []string
	spawn []string
	pids  []int
	tls   secureOptions

	// the load
	keys        uint64
	keySize     int
	valueSize   string
	ratio       string
	dist        string
	zipfS       float64
	pipeline    int
	connections int
	threads     int
	rate        float64
	duration    time.Duration
	rounds      int
	ttl         time.Duration
	preload     bool
	workloads   []string
	seed        uint64
	verify      bool
	protocol    string
	multi       int
	portable    bool

	// scenarios
	flush   bool
	shapes  []string
	forms   []string
	others  uint64
	dueIn   time.Duration
	observe time.Duration
	patient time.Duration
	limit   string
	clients int
	settle  time.Duration

	// output
	json  string
	csv   string
	html  string
	quiet bool

	flags *pflag.FlagSet // that the values came from; nil in tests
}

// given says that a flag stands on the command line.
func (o *options) given(flag string) bool { return o.flags != nil && o.flags.Changed(flag) }

// unless sets another default where a flag is not given.
func (o *options) unless(flag string, set func()) {
	if !o.given(flag) {
		set()
	}
}

// stdoutName is what --json and --csv mean without a file name.
const stdoutName = "-"

func targetFlags(f *pflag.FlagSet, o *options) {
	f.StringArrayVar(&o.spawn, "spawn", nil, "servers to start and stop, separated by commas: redis, memcached (this binary), or the path of a "+
		"redis-server, valkey-server or memcached with its arguments behind it")
	secureFlags(f, &o.tls)
	f.IntSliceVar(&o.pids, "pid", nil, "process ids of the target URLs, in their order; 0 or none: looked up if local")
}

func outputFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.json, "json", "", "write the result as JSON to this file, or instead of the table")
	f.StringVar(&o.csv, "csv", "", "write the result as CSV to this file, or instead of the table")
	f.Lookup("json").NoOptDefVal = stdoutName
	f.Lookup("csv").NoOptDefVal = stdoutName
	f.StringVar(&o.html, "html", "", "write a report with charts to this file")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress on standard error")
}

// keyFlags are about the keys and values; the defaults differ between scenarios.
func keyFlags(f *pflag.FlagSet, o *options, keys uint64, valueSize string) {
	f.Uint64Var(&o.keys, "keys", keys, "number of keys")
	f.IntVar(&o.keySize, "key-size", 16, "bytes of a key")
	f.StringVar(&o.valueSize, "value-size", valueSize, "bytes of a value, or a range such as 16-256")
	f.Uint64Var(&o.seed, "seed", 1, "seed of all random choices; equal for every target")
}

func connectionFlags(f *pflag.FlagSet, o *options) {
	f.IntVar(&o.connections, "connections", 50, "connections to each target")
	f.IntVar(&o.threads, "threads", 1, "threads of the load generator")
	f.BoolVar(&o.portable, "portable", false, "use the portable generator, a goroutine per connection")
}

func pipelineFlag(f *pflag.FlagSet, o *options, pipeline int) {
	f.IntVar(&o.pipeline, "pipeline", pipeline, "requests sent at once on a connection")
}

func mixFlags(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.ratio, "ratio", "1:10", "writes to reads, SET:GET")
	f.StringVar(&o.dist, "dist", distZipf, "which keys: "+strings.Join(distributions, ", "))
	f.Float64Var(&o.zipfS, "zipf-s", 0.99, "exponent of the zipf distribution")
}

// share parses --ratio.
func (o *options) share() (uint32, error) {
	set, get, ok := strings.Cut(o.ratio, ":")
	s, err1 := strconv.ParseFloat(set, 64)
	g, err2 := strconv.ParseFloat(get, 64)
	if !ok || err1 != nil || err2 != nil || !(s >= 0 && g >= 0 && s+g > 0) || math.IsInf(s+g, 0) {
		return 0, fmt.Errorf("--ratio %q: two numbers SET:GET, such as 1:10 or 0:1", o.ratio)
	}
	return setShareOf(s, g), nil
}

// sizes parses --value-size.
func (o *options) sizes() (minimum, maximum int, err error) {
	low, high, isRange := strings.Cut(o.valueSize, "-")
	if !isRange {
		high = low
	}
	minimum, err1 := strconv.Atoi(low)
	maximum, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || minimum < 0 || maximum < minimum || maximum > maxValueSize {
		return 0, 0, fmt.Errorf("--value-size %q: bytes, or a range such as 16-256, up to %d", o.valueSize, maxValueSize)
	}
	return minimum, maximum, nil
}

const (
	maxValueSize   = 64 << 20
	maxKeys        = 1<<32 - 1
	maxConnections = 60_000
	maxPipeline    = 100_000
)

// check refuses what no command can work with. Flags that a command does not have are zero and pass.
func (o *options) check() error {
	switch {
	case o.keys > maxKeys:
		return fmt.Errorf("--keys %d: at most %d", o.keys, uint64(maxKeys))
	case o.connections < 0 || o.connections > maxConnections:
		return fmt.Errorf("--connections %d: 1 to %d", o.connections, maxConnections)
	case o.pipeline < 0 || o.pipeline > maxPipeline:
		return fmt.Errorf("--pipeline %d: 1 to %d", o.pipeline, maxPipeline)
	case o.multi < 0 || o.multi > maxPipeline:
		return fmt.Errorf("--multi %d: 1 to %d keys, 0 for plain reads", o.multi, maxPipeline)
	case o.threads < 0 || o.threads > 1024:
		return fmt.Errorf("--threads %d: 1 to 1024", o.threads)
	case o.rate < 0 || math.IsNaN(o.rate) || math.IsInf(o.rate, 0):
		return fmt.Errorf("--rate %v: requests per second, 0 for as fast as it goes", o.rate)
	case o.ttl < 0 || o.ttl%time.Second != 0:
		return fmt.Errorf("--ttl %v: whole seconds, 0 for none", o.ttl)
	case o.dist != "" && !slices.Contains(distributions, o.dist):
		return fmt.Errorf("--dist %q: one of %s", o.dist, strings.Join(distributions, ", "))
	case o.json == stdoutName && o.csv == stdoutName:
		return fmt.Errorf("--json and --csv cannot both go to standard output; name a file: --csv=FILE")
	}
	if o.dist == distZipf && (!(o.zipfS > 0) || o.zipfS > 20) {
		return fmt.Errorf("--zipf-s %v: above 0, at most 20", o.zipfS)
	}
	return o.checkPositive()
}

// checkPositive refuses zeros where a command has the flag: registered ones have a default above zero.
func (o *options) checkPositive() error {
	for _, c := range []struct {
		flag string
		has  bool
		ok   bool
	}{
		{"--keys", o.valueSize != "", o.keys > 0},
		{"--connections", o.threads != 0 || o.connections != 0, o.connections > 0},
		{"--threads", o.connections != 0, o.threads > 0},
		{"--pipeline", o.dist != "", o.pipeline > 0},
		{"--duration", o.rounds != 0 && len(o.forms) == 0, o.duration > 0},
		{"--rounds", o.duration != 0 || len(o.forms) > 0, o.rounds > 0},
	} {
		if c.has && !c.ok {
			return fmt.Errorf("%s must be above 0", c.flag)
		}
	}
	return nil
}

// targets parses URLs and --spawn into targets: started ones first, in the order given.
func (o *options) targets() ([]*target, error) {
	var all []*target
	for _, text := range o.spawn {
		t, err := parseSpawn(text)
		if err != nil {
			return nil, err
		}
		all = append(all, t...)
	}
	if len(o.pids) > len(o.urls) {
		return nil, fmt.Errorf("--pid: %d process ids for %d target URLs", len(o.pids), len(o.urls))
	}
	for i, text := range o.urls {
		t, err := parseTarget(text)
		if err != nil && !strings.Contains(text, "://") && (o.json == stdoutName || o.csv == stdoutName) {
			return nil, fmt.Errorf("%w; a file behind --json or --csv is written with =: --json=%s", err, text)
		}
		if err != nil {
			return nil, err
		}
		if i < len(o.pids) {
			t.pid = o.pids[i]
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no target: give %s, or --spawn redis,memcached,/usr/bin/redis-server", targetForms)
	}
	if err := o.speak(all); err != nil {
		return nil, err
	}
	uniqueNames(all)
	return all, nil
}

// speak has all memcached targets spoken to as --protocol says.
func (o *options) speak(all []*target) error {
	for p := protoText; p < protocols; p++ {
		if o.protocol != "" && o.protocol != p.String() {
			continue
		}
		for _, t := range all {
			if t.proto.memcached() {
				t.proto = p
			}
		}
		return nil
	}
	return fmt.Errorf("--protocol %q: one of %s", o.protocol, strings.Join(protocolNames[protoText:], ", "))
}

// parseBytes reads a size with an optional unit: 64mb, 1gb, 512k.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToLower(text), "bkmgi")
	factor := int64(1)
	switch strings.ToLower(text[len(digits):]) {
	case "", "b":
	case "k", "kb", "kib":
		factor = 1 << 10
	case "m", "mb", "mib":
		factor = 1 << 20
	case "g", "gb", "gib":
		factor = 1 << 30
	default:
		factor = 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || factor == 0 || n <= 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is not a size such as 64mb", text)
	}
	return n * factor, nil
}
