// bench restart: how long a server takes to start with data on the disk.

package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

var restartScenario = scenario{
	name:  "restart --spawn SERVER,...",
	short: "Starting with data on the disk: time and CPU until all of it is loaded",
	long: `Restart has the first server write --keys keys, as a snapshot (RDB) and as an append-only file (AOF) of as many
writes, gives every server a copy of the same files, and starts each with them in turn, --rounds times. The time
counts from the start until the server serves, and so does the CPU time that it took; the files are in the system's
cache. Directories are made where temporary files go (TMPDIR).

The data, each of --keys keys:` + catalogue(dataSets),
	examples: `  cachesrv bench restart --spawn /usr/bin/redis-server,redis
  cachesrv bench restart --spawn /usr/bin/redis-server,redis --keys 5000000 --data all --rounds 5
  cachesrv bench restart --spawn /usr/bin/redis-server,redis --from aof`,
	flags: func(f *pflag.FlagSet, o *options) {
		f.Uint64Var(&o.keys, "keys", 1_000_000, "number of keys")
		f.Uint64Var(&o.seed, "seed", 1, "seed of all random choices")
		f.StringSliceVar(&o.shapes, "data", []string{"strings"}, "data sets, separated by commas, or all; see above")
		f.StringSliceVar(&o.forms, "from", []string{formRDB, formAOF}, "what is loaded: rdb, aof or both")
		f.IntVar(&o.rounds, "rounds", 3, "rounds; the servers take turns in each")
	},
	run: runRestart,
}

// The forms in which data lies on the disk, and the arguments with which a server writes and reads them.
const (
	formRDB = "rdb"
	formAOF = "aof"
)

var formArguments = map[string][]string{
	formRDB: {"--appendonly", "no"},
	formAOF: {"--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"},
}

var restartColumns = []column{
	{key: "file_mb", label: "files", format: megaText},
	{key: "seconds", label: "until served", format: secondsText, better: lower, ratio: true, chart: "Seconds from the start until all is loaded"},
	{key: "cpu_seconds", label: "srv CPU", format: secondsText, better: lower, ratio: true, chart: "CPU seconds of the start"},
	{key: "keys_per_sec", label: "keys/s", format: countText, better: higher, ratio: true},
	{key: "rss_mb", label: "RSS", format: megaText, better: lower, ratio: true},
}

func runRestart(ctx context.Context, s *session) (*report, error) {
	chosen, err := choose(dataSets, "--data", s.options.shapes)
	if err == nil {
		err = s.fitForTypes("--data")
	}
	if err == nil {
		err = s.fitForFiles("restart")
	}
	for _, form := range s.options.forms {
		if err == nil && formArguments[form] == nil {
			err = fmt.Errorf("--from %q: rdb, aof or both", form)
		}
	}
	if err == nil && s.options.keys == 0 {
		err = fmt.Errorf("--keys must be above 0")
	}
	if err != nil {
		return nil, err
	}
	r := &report{title: "Restart", columns: restartColumns}
	for _, w := range chosen {
		for _, form := range s.options.forms {
			if err := s.restarts(ctx, r, w, form); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// restarts measures all servers on one data set in one form.
func (s *session) restarts(ctx context.Context, r *report, w *workload, form string) error {
	dirs, err := s.prepare(ctx, w, form)
	if err != nil {
		return err
	}
	first := len(r.entries)
	keys := int64(w.numbers(s.options.keys)) * int64(len(w.load))
	for round := range s.options.rounds {
		for i, t := range s.targets {
			figures, err := s.restartOf(ctx, t, dirs[i], form, keys, fmt.Sprintf("%s: %s from %s, round %d of %d", t.name, w.name, form, round+1, s.options.rounds))
			if err != nil {
				return err
			}
			if round == 0 {
				r.addTarget(t)
				r.entries[len(r.entries)-1].workload = w.name + " " + form
			}
			t.stop()
			r.addRound(first+i, figures)
		}
	}
	return s.discard(dirs)
}

// prepare has the first server make the data, and gives every server a directory with a copy.
func (s *session) prepare(ctx context.Context, w *workload, form string) ([]string, error) {
	var dirs []string
	for range s.targets {
		dir, err := s.directory()
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, dir)
	}
	t := s.targets[0]
	if err := s.start(ctx, t, append([]string{"--dir", dirs[0]}, formArguments[form]...)...); err != nil {
		return nil, err
	}
	defer t.stop()
	if err := s.furnish(ctx, t, w); err != nil {
		return nil, err
	}
	if form == formRDB {
		if err := s.save(t); err != nil {
			return nil, err
		}
	}
	t.stop()
	for i, dir := range dirs[1:] {
		end := s.progress.during("copying for " + s.targets[i+1].name)
		err := copyTree(ctx, dirs[0], dir)
		end()
		if err != nil {
			return nil, err
		}
	}
	return dirs, nil
}

// save has a server write its snapshot, and waits for it.
func (s *session) save(t *target) error {
	end := s.progress.during(t.name + ": saving")
	defer end()
	k, err := openControl(t)
	if err != nil {
		return err
	}
	defer k.close()
	k.patience = restartTimeout
	a, err := k.do("SAVE")
	if err == nil && a.kind == kindError {
		err = fmt.Errorf("SAVE: %s", a.text)
	}
	if err != nil {
		return t.fault(err)
	}
	return nil
}

// restartOf starts a server with its files.
func (s *session) restartOf(ctx context.Context, t *target, dir, form string, keys int64, what string) ([]float64, error) {
	end := s.progress.during(what)
	defer end()
	size := treeSize(dir)
	began := time.Now()
	t.patience = restartTimeout
	if err := t.start(ctx, append([]string{"--dir", dir}, formArguments[form]...)...); err != nil {
		return nil, err
	}
	took, cpu := time.Since(began), cpuOf(t.pid)
	if n, err := keysOf(t); err != nil {
		return nil, err
	} else if n != keys {
		return nil, fmt.Errorf("%s: %d keys after the start, and not %d", t.name, n, keys)
	}
	seconds := missing
	if cpu >= 0 {
		seconds = cpu.Seconds()
	}
	return []float64{megabytes(size), took.Seconds(), seconds, float64(keys) / took.Seconds(), megabytes(rssOf(t.pid, true))}, nil
}
