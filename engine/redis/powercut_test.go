// The whole engine on a disk that loses power or whose process is killed, at any step of writing, saving and rewriting.

package redis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

// cutDir is the data directory on simulated disks. The settings want one that there really is.
const cutDir = "/tmp"

// life is one process on a disk. It is not ended by the test's cleanup, but by end.
type life struct {
	*rig
	address string // of its server, if it has one
	end     func()
}

// boot starts an engine on files and waits until its data is loaded.
func boot(t *testing.T, files vfs.FS, settings ...string) (*life, error) {
	return bootServer(t, files, false, settings...)
}

func bootServer(t *testing.T, files vfs.FS, served bool, settings ...string) (*life, error) {
	t.Helper()
	r := &rig{t: t, set: config.Defaults(config.Redis)}
	for i := 0; i < len(settings); i += 2 {
		if err := r.set.Set(settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	r.set.Note("dir", cutDir)
	if err := r.set.Set("slowlog-log-slower-than", "-1"); err != nil { // a busy machine makes anything slow
		t.Fatal(err)
	}
	store, err := core.Open(core.Options{Shards: 64, NoActiveSweep: true})
	if err != nil {
		t.Fatal(err)
	}
	log := hclog.NewNullLogger()
	if testing.Verbose() && os.Getenv("CACHESRV_LOG") != "" {
		log = hclog.New(&hclog.LoggerOptions{Output: os.Stdout, Level: hclog.Info})
	}
	e, err := New(store, r.set, log)
	if err != nil {
		t.Fatal(err)
	}
	e.SetFiles(files)
	e.aof.retry = 10 * time.Millisecond
	r.store, r.e = store, e
	address := ""
	if served {
		t.Cleanup(func() { // behind the server's end
			e.Close()
			store.Close()
		})
		address = r.listen()
	}
	loaded := make(chan error, 1)
	e.Load(func(err error) { loaded <- err })
	l := &life{r, address, func() {
		if !served {
			e.Close()
			store.Close()
		}
	}}
	select {
	case err = <-loaded:
	case <-time.After(time.Minute):
		err = errors.New("loading does not end")
	}
	if err != nil {
		l.end()
		return nil, err
	}
	return l, nil
}

// dataDisk is an empty disk with the data directory.
func dataDisk(t *testing.T) *simdisk.Disk {
	t.Helper()
	d := simdisk.New()
	if err := d.MkdirAll(cutDir, 0o755); err != nil {
		t.Fatal(err)
	}
	d.Settle()
	return d
}

// layered puts the encrypting layer over a disk, or none.
func layered(t *testing.T, d *simdisk.Disk, sealed bool) vfs.FS {
	t.Helper()
	if !sealed {
		return d
	}
	return sealedOver(t, d)
}

// sealedOver puts the encrypting layer over files.
func sealedOver(t *testing.T, files vfs.FS) vfs.FS {
	t.Helper()
	key, err := crypt.ParseKey(make([]byte, crypt.KeyLen))
	if err != nil {
		t.Fatal(err)
	}
	s, err := crypt.New(files, cutDir, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cutClients are the clients of a run. Each appends its numbers to one list, and writes them to a key of its own in the same transaction.
type cutClients struct {
	mu    sync.Mutex // guards what follows; below the disk's
	sent  []int
	acked []int
}

// found is a disk as it was at some moment, and what had been acknowledged by then.
type found struct {
	disk  *simdisk.Disk
	what  string
	acked []int
	sent  []int
}

// write sends n transactions, one after the other, and takes note of each reply. The end of the connection ends it.
func (w *cutClients) write(address string, id, n int) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	r := bufio.NewReader(c)
	for range n {
		w.mu.Lock()
		w.sent[id]++
		seq := strconv.Itoa(w.sent[id])
		w.mu.Unlock()
		name := strconv.Itoa(id)
		in := request("MULTI") + request("RPUSH", "all", name+":"+seq) + request("SET", "last:"+name, seq) + request("EXEC")
		if _, err := io.WriteString(c, in); err != nil {
			return err
		}
		for i := range 6 { // OK, QUEUED, QUEUED, *2, :n, OK
			line, err := r.ReadString('\n')
			if err != nil {
				return err
			}
			if line[0] == '-' {
				return fmt.Errorf("line %d: %s", i, line)
			}
		}
		w.mu.Lock()
		w.acked[id]++
		w.mu.Unlock()
	}
	return nil
}

// list reads the list of a life.
func (l *life) list() []string {
	lines := strings.Split(l.client().do("LRANGE", "all", "0", "-1"), "\r\n")
	var list []string
	for i := 2; i < len(lines); i += 2 {
		list = append(list, lines[i])
	}
	return list
}

// judge starts a process on what was found and compares it with what was promised.
func (f *found) judge(t *testing.T, sealed bool, least []int, whole []string, settings ...string) {
	t.Helper()
	l, err := boot(t, layered(t, f.disk, sealed), settings...)
	if err != nil {
		t.Errorf("%s: a restart is refused: %v", f.what, err)
		return
	}
	defer l.end()
	list := l.list()
	if len(list) > len(whole) || !slices.Equal(list, whole[:len(list)]) {
		t.Errorf("%s: %d entries that are not the beginning of what was written", f.what, len(list))
		return
	}
	last := make([]int, len(f.sent))
	for _, entry := range list {
		id, seq, _ := strings.Cut(entry, ":")
		n, _ := strconv.Atoi(id)
		last[n], _ = strconv.Atoi(seq)
	}
	for id := range last {
		if least != nil && last[id] < least[id] || last[id] > f.sent[id] {
			t.Errorf("%s: client %d ends with %d, acknowledged %d, sent %d", f.what, id, last[id], f.acked[id], f.sent[id])
		}
		want := "$-1\r\n"
		if last[id] > 0 {
			want = bulk(strconv.Itoa(last[id]))
		}
		if got := l.client().do("GET", fmt.Sprint("last:", id)); got != want {
			t.Errorf("%s: half a transaction of client %d: %q, want %q", f.what, id, got, want)
		}
	}
}

// engineRun writes with some clients while snapshots and rewrites go on, and gives disks that were found at its steps.
func engineRun(t *testing.T, disk *simdisk.Disk, sealed bool, seed int64, share int, kill bool, settings ...string) (all []found, whole []string) {
	t.Helper()
	const clients, each = 4, 50
	w := &cutClients{sent: make([]int, clients), acked: make([]int, clients)}
	dice := rand.New(rand.NewPCG(uint64(seed), 9))
	disk.OnStep(func(m simdisk.Moment) {
		if dice.IntN(share) > 0 {
			return
		}
		w.mu.Lock()
		f := found{acked: slices.Clone(w.acked), sent: slices.Clone(w.sent)}
		w.mu.Unlock()
		cut := seed<<16 + int64(m.Step)
		f.what = fmt.Sprintf("run %d, step %d (%s %s), cut %d", seed, m.Step, m.Op, m.Name, cut)
		if kill {
			f.disk = m.Kill()
		} else {
			f.disk = m.PowerCut(cut)
		}
		all = append(all, f)
	})
	l, err := bootServer(t, layered(t, disk, sealed), true, settings...)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, clients+1)
	for id := range clients {
		go func() { errs <- w.write(l.address, id, each) }()
	}
	go func() {
		err := errors.New("the one that saves has ended early")
		defer func() { errs <- err }() // also if the test fails here
		c := dial(t, l.address)
		c.SetDeadline(time.Now().Add(longestWait))
		for range 3 {
			c.text("INFO", "persistence")
			io.WriteString(c, request("BGREWRITEAOF"))
			c.r.ReadString('\n')
			io.WriteString(c, request("SAVE"))
			c.r.ReadString('\n')
		}
		err = nil
	}()
	for range clients + 1 {
		if err := receive(t, "the end of all clients", errs); err != nil {
			t.Errorf("run %d: %v", seed, err)
		}
	}
	l.eventually("no rewrite runs", func() bool { return l.e.working() == noJob })
	whole = l.list()
	disk.OnStep(nil)
	return all, whole
}

// eventually waits for a condition.
func (l *life) eventually(what string, ok func() bool) {
	l.t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			l.t.Fatal("never: " + what)
		}
	}
}

// TestF2EnginePowerCuts loses power at steps of runs with rewrites and snapshots, plain and encrypted, and starts on what is found. CACHESRV_CUTS/100 is how many.
func TestF2EnginePowerCuts(t *testing.T) { engineCuts(t, false) }

// TestF3EngineKilled ends the process there instead.
func TestF3EngineKilled(t *testing.T) { engineCuts(t, true) }

func engineCuts(t *testing.T, kill bool) {
	cuts := 60
	if n, err := strconv.Atoi(os.Getenv("CACHESRV_CUTS")); err == nil {
		cuts = n / 100
	}
	first, _ := strconv.ParseInt(os.Getenv("CACHESRV_SEED"), 10, 64)
	kinds := []struct {
		policy string
		sealed bool
	}{{"always", false}, {"everysec", false}, {"always", true}}
	for _, kind := range kinds {
		t.Run(fmt.Sprint(kind.policy, " sealed=", kind.sealed), func(t *testing.T) {
			settings := []string{"appendonly", "yes", "appendfsync", kind.policy}
			made, seed := 0, first
			for ; made < cuts/len(kinds) && !t.Failed(); seed++ {
				all, whole := engineRun(t, dataDisk(t), kind.sealed, seed, 5, kill, settings...)
				for _, f := range all {
					least := f.acked
					if kind.policy == "everysec" && !kill {
						least = nil // the run is shorter than what may be lost
					}
					f.judge(t, kind.sealed, least, whole, settings...)
					made++
				}
			}
			t.Logf("%d restarts in runs %d to %d", made, first, seed-1)
		})
	}
}
