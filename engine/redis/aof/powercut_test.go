// The log and its manifest on a disk that loses power at every step: what was promised is there, and it is a beginning of what was written.

package aof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

const (
	cutDir  = "/data/appendonlydir"
	cutName = "appendonly.aof"
)

// cutRun is one life of a process: it opens what is on the disk, writes numbered records and rewrites them, until it closes or the test has enough.
type cutRun struct {
	t      *testing.T
	disk   *simdisk.Disk
	files  vfs.FS
	layer  func(*simdisk.Disk) vfs.FS
	policy Policy
	dice   *rand.Rand
	seed   int64
	cuts   *int // made so far

	m     *Manifest
	log   *Log
	asked atomic.Int64 // how often Reach was

	mu     sync.Mutex // guards what follows; below the disk's
	now    time.Time  // the simulated clock
	issued int        // the newest record
	acked  []ack
	next   *simdisk.Disk // one of the disks that were found, for the next life
}

// ack is a record that was acknowledged, and when.
type ack struct {
	record int
	at     time.Time
}

// promised is the newest record that must be there if the power goes now: of those that were acknowledged, all, or all but those of the
// last second in which any was.
func (r *cutRun) promised() (n int) {
	last := r.acked[len(r.acked)-1].at
	for _, a := range r.acked {
		if r.policy == Always || last.Sub(a.at) > window {
			n = a.record
		}
	}
	return n
}

// recovered reads what a disk holds: the number of the last record. It fails unless the records are 1, 2, 3 and so on. repair cuts
// torn ends, as a start does.
func recovered(files vfs.FS, repair bool) (last int, m *Manifest, err error) {
	m, err = LoadManifest(files, cutDir, cutName)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, &Manifest{}, nil
	}
	if err != nil {
		return 0, nil, err
	}
	if m.Base != nil {
		if last, err = baseRecord(files, filepath.Join(cutDir, m.Base.Name)); err != nil {
			return 0, nil, fmt.Errorf("%s: %w", m.Base.Name, err)
		}
	}
	short := ""
	for _, e := range m.Incrs {
		n, torn, err := replay(files, e.Name, last, repair)
		if err != nil {
			return 0, nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		if short != "" && n != last {
			return 0, nil, fmt.Errorf("%s has records behind the torn end of %s", e.Name, short)
		}
		if last = n; torn {
			short = e.Name
		}
	}
	return last, m, nil
}

func baseRecord(files vfs.FS, name string) (int, error) {
	f, err := files.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(b))
}

// replay reads an increment that goes on behind the record last.
func replay(files vfs.FS, name string, last int, repair bool) (n int, torn bool, err error) {
	path := filepath.Join(cutDir, name)
	flags := os.O_RDONLY
	if repair {
		flags = os.O_RDWR | os.O_APPEND
	}
	f, err := files.Open(path, flags, 0)
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	res, err := Verify(f, name, 0, nil)
	if err != nil {
		return 0, false, err
	}
	if !res.Whole() && !res.Torn {
		return 0, false, res.Damage
	}
	for r := NewReader(f, name, 0, res.Good); ; {
		kind, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, false, err
		}
		if kind != Record || string(r.Words[0]) != "RPUSH" {
			continue
		}
		if got, _ := strconv.Atoi(string(r.Words[2])); got != last+1 {
			return 0, false, fmt.Errorf("record %d behind %d", got, last)
		}
		last++
	}
	if repair && !res.Whole() {
		if err := errors.Join(f.Truncate(res.Good), f.Sync()); err != nil {
			return 0, false, err
		}
	}
	return last, !res.Whole(), nil
}

// look is called before every step of the disk. A Sync takes long enough for others to ask whether it is done.
func (r *cutRun) look(m simdisk.Moment, tries int) {
	if m.Op == "sync" {
		for i, asked := 0, r.asked.Load(); i < 1000 && r.asked.Load() == asked; i++ {
			runtime.Gosched()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	least, most := r.promised(), r.issued
	for range tries {
		seed := r.seed<<20 + int64(m.Step)<<6 + int64(*r.cuts&63)
		*r.cuts++
		found := m.PowerCut(seed)
		got, _, err := recovered(r.layer(found), false)
		if err != nil || got < least || got > most {
			r.t.Errorf("run %d, step %d (%s %s), cut %d: record %d is the last, %v; %d was promised, %d written", r.seed, m.Step, m.Op, m.Name, seed, got, err, least, most)
			return
		}
		if rand.New(rand.NewPCG(uint64(seed), 3)).IntN(300) == 0 { // not the dice of who writes meanwhile
			r.next = found
		}
	}
}

// open starts the log on what is there.
func (r *cutRun) open() error {
	last, m, err := recovered(r.files, true)
	if err != nil {
		return err
	}
	r.issued, r.m = last, m
	r.acked = []ack{{last, r.now.Add(-time.Hour)}} // what a client has read is as good as acknowledged
	if len(m.Incrs) == 0 {
		if err := r.files.MkdirAll(cutDir, 0o755); err != nil {
			return err
		}
		if err := errors.Join(r.files.SyncDir("/data"), r.files.SyncDir("/")); err != nil {
			return err
		}
	}
	f, err := r.increment()
	if err != nil {
		return err
	}
	r.log, err = Open(f, 0, r.policy, Hooks{
		Moved:  func() {},
		Failed: func(err error) { r.t.Errorf("run %d: %v", r.seed, err) },
		Broken: func(err error) { r.t.Errorf("run %d: %v", r.seed, err) },
		Mended: func() {},
		Spawn:  func(_ string, f func()) { go f() },
		Now:    r.clock,
		Stamp:  func() int64 { return r.clock().Unix() },
	})
	return err
}

func (r *cutRun) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// increment makes the next one, and lists it.
func (r *cutRun) increment() (vfs.File, error) {
	e := Entry{Name: IncrName(cutName, r.m.NextIncr()), Seq: r.m.NextIncr(), Type: Incr}
	f, err := r.files.Open(filepath.Join(cutDir, e.Name), os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	m := r.m.Clone()
	m.Incrs = append(m.Incrs, e)
	if err := m.Save(r.files, cutDir, cutName); err != nil {
		return nil, err
	}
	r.m = m
	return f, nil
}

// rewrite makes a base of what is there, while the log goes on in a new increment.
func (r *cutRun) rewrite() error {
	f, err := r.increment()
	if err != nil {
		return err
	}
	r.log.Cut(f)
	at := r.issued
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.log.Changed(ctx); err != nil {
		return err
	}
	for range 20 { // others go on meanwhile
		if err := r.write(1 + r.dice.IntN(3)); err != nil {
			return err
		}
	}
	base := Entry{Name: BaseName(cutName, r.m.NextBase(), true), Seq: r.m.NextBase(), Type: Base}
	b, err := r.files.Open(filepath.Join(cutDir, base.Name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(b, strconv.Itoa(at))
	if err = errors.Join(err, b.Sync(), b.Close()); err != nil {
		return err
	}
	old := r.m.Clone()
	r.m = &Manifest{Base: &base, Incrs: old.Incrs[len(old.Incrs)-1:]}
	if err := r.m.Save(r.files, cutDir, cutName); err != nil {
		return err
	}
	for _, e := range old.Files() {
		if e.Name != r.m.Incrs[0].Name {
			if err := r.files.Remove(filepath.Join(cutDir, e.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// write records one and waits for its acknowledgement.
func (r *cutRun) write(clients int) error {
	var last int
	for range clients { // who come at once, and are acknowledged at once
		r.mu.Lock()
		r.issued++
		last = r.issued
		r.mu.Unlock()
		pad := make([]byte, r.dice.IntN(300))
		r.log.Command(r.dice.IntN(2), [][]byte{[]byte("RPUSH"), []byte("l"), []byte(strconv.Itoa(last)), pad})
	}
	pos := r.log.Appended()
	for end := time.After(time.Minute); ; {
		verdict := r.log.Reach(pos)
		r.asked.Add(1)
		switch verdict {
		case Pass:
			r.mu.Lock()
			r.acked = append(r.acked, ack{last, r.now})
			r.now = r.now.Add(time.Duration(r.dice.IntN(80)) * time.Millisecond)
			r.mu.Unlock()
			return nil
		case Lost:
			return errors.New("a record is lost without a fault")
		}
		wake(r.log.kick) // what its timer does on a real clock
		select {
		case <-end:
			return errors.New("no acknowledgement")
		default: // it asks again and again, as many clients do
			runtime.Gosched()
		}
	}
}

// TestF2PowerCuts loses power before every step of runs of 200 writes with rewrites in them, plain and encrypted, and goes on from what it finds.
// CACHESRV_CUTS is how many cuts are made; CACHESRV_SEED is the first run.
func TestF2PowerCuts(t *testing.T) {
	cuts := 2000
	if n, err := strconv.Atoi(os.Getenv("CACHESRV_CUTS")); err == nil {
		cuts = n
	}
	first, _ := strconv.ParseInt(os.Getenv("CACHESRV_SEED"), 10, 64)
	key, err := crypt.ParseKey(make([]byte, crypt.KeyLen))
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range []struct {
		name  string
		share int // of the cuts, in tenths
		over  func(*simdisk.Disk) vfs.FS
	}{
		{"plain", 8, func(d *simdisk.Disk) vfs.FS { return d }},
		{"encrypted", 2, func(d *simdisk.Disk) vfs.FS {
			s, err := crypt.New(d, "/data", key)
			if err != nil {
				t.Error(err)
				return d
			}
			return s
		}},
	} {
		for _, policy := range []Policy{Always, EverySec} {
			t.Run(fmt.Sprint(layer.name, " ", map[Policy]string{Always: "always", EverySec: "everysec"}[policy]), func(t *testing.T) {
				made, seed := 0, first
				disk := simdisk.New()
				if err := disk.MkdirAll("/data", 0o755); err != nil {
					t.Fatal(err)
				}
				disk.Settle()
				for made < cuts*layer.share/20 && !t.Failed() {
					disk = cutLife(t, disk, layer.over, policy, seed, &made)
					seed++
				}
				t.Logf("%d cuts in runs %d to %d", made, first, seed-1)
			})
		}
	}
}

// cutLife is one run; it gives the disk for the next.
func cutLife(t *testing.T, disk *simdisk.Disk, layer func(*simdisk.Disk) vfs.FS, policy Policy, seed int64, made *int) *simdisk.Disk {
	r := &cutRun{t: t, disk: disk, files: layer(disk), layer: layer, policy: policy, dice: rand.New(rand.NewPCG(uint64(seed), 1)), seed: seed, cuts: made,
		now: time.Unix(1e9, 0)}
	if err := r.open(); err != nil {
		t.Fatalf("run %d: a restart is refused: %v", seed, err)
	}
	looking := rand.New(rand.NewPCG(uint64(seed), 2))
	disk.OnStep(func(m simdisk.Moment) { r.look(m, 1+looking.IntN(3)) })
	for i := range 200 {
		err := r.write(1 + r.dice.IntN(3))
		if err == nil && (i == 60 || i == 140) {
			err = r.rewrite()
		}
		if err != nil {
			t.Fatalf("run %d, write %d: %v", seed, i, err)
		}
		if t.Failed() {
			break
		}
	}
	err := r.log.Close()
	disk.OnStep(nil)
	if err != nil {
		t.Fatalf("run %d: %v", seed, err)
	}
	if r.next != nil {
		return r.next
	}
	return disk.Kill()
}
