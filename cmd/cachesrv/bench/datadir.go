// Directories of started servers: the first one's data is made once, and every server gets a copy.

package bench

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// dataSets are what the scenarios with data on the disk load.
var dataSets = []workload{
	{name: "strings", about: "strings of 32 B under keys of 16 B", load: []string{"SET item-key{key} value:{digits:13}{digits:13}"}},
	{name: "hashes", about: "hashes of 5 fields of 8 B with values of 12 B", load: []string{"HSET hash-key{key}" + smallPairs(5)}},
	{name: "mixed", about: "half such strings, half such hashes", per: 2,
		load: []string{"SET item-key{key} value:{digits:13}{digits:13}", "HSET hash-key{key}" + smallPairs(5)}},
}

// restartTimeout is how long a server may load; readyEvery how often it is asked whether it has.
const (
	restartTimeout = 10 * time.Minute
	readyEvery     = 5 * time.Millisecond
)

// directory makes an empty directory of the run.
func (s *session) directory() (string, error) {
	if s.temp == "" {
		dir, err := os.MkdirTemp("", "cachesrv-bench-")
		if err != nil {
			return "", err
		}
		s.temp = dir
	}
	return os.MkdirTemp(s.temp, "data-")
}

// fitForFiles refuses targets whose files are not this run's.
func (s *session) fitForFiles(command string) error {
	for _, t := range s.targets {
		if t.recipe == nil || t.proto != protoRedis {
			return fmt.Errorf("%s: bench %s is about Redis servers that --spawn starts, in directories of their own", t.name, command)
		}
	}
	return nil
}

// copyTree copies the files below from, through the system's cache and on to the disk.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if dest := filepath.Join(to, rel); d.IsDir() {
			return os.MkdirAll(dest, 0o755)
		} else if d.Type().IsRegular() {
			return copyFile(name, dest)
		}
		return nil
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync() // or its writing would go on beside what is measured
	}
	if closed := out.Close(); err == nil {
		err = closed
	}
	return err
}

// treeSize is the bytes of the files below dir.
func treeSize(dir string) (size int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}

// discard removes directories of the run that nobody needs any more.
func (s *session) discard(dirs []string) error {
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// during shows that something takes its time, until the returned function is called.
func (p *progress) during(what string) (end func()) {
	began := time.Now()
	stop := make(chan struct{})
	done := guarded(func(err error) { p.say("%v", err) }, func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				p.line(true, fmt.Sprintf("%s  %4.1fs", what, time.Since(began).Seconds()))
			}
		}
	})
	return func() {
		close(stop)
		<-done
		p.clear()
	}
}
