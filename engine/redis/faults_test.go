// Disks that fill up, fail, are slow or cannot be written: what clients are told, and what is there afterwards.

package redis

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/faults"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

// trial is a client that appends numbers to a list and takes note of what it is told about each.
type trial struct {
	t       *testing.T
	address string
	c       net.Conn
	r       *bufio.Reader
	next    int
	acked   []string
	refused []string
}

// ask sends one request and gives the first line of its reply; "" if the connection was closed.
func (c *trial) ask(words ...string) string {
	c.t.Helper()
	if c.c == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			c.t.Fatal(err)
		}
		c.c, c.r = conn, bufio.NewReader(conn)
	}
	c.c.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(c.c, request(words...))
	line, err := c.r.ReadString('\n')
	if err != nil {
		if os.IsTimeout(err) {
			c.t.Fatalf("%q: no reply", words)
		}
		c.c.Close()
		c.c = nil
		return ""
	}
	return strings.TrimSpace(line)
}

// push appends the next number once.
func (c *trial) push() string {
	c.next++
	n := strconv.Itoa(c.next)
	reply := c.ask("RPUSH", "all", n)
	switch {
	case strings.HasPrefix(reply, ":"):
		c.acked = append(c.acked, n)
	case strings.HasPrefix(reply, "-MISCONF"):
		c.refused = append(c.refused, n)
	case reply != "":
		c.t.Fatalf("RPUSH: %q", reply)
	}
	return reply
}

// pushUntilKept appends numbers until one is acknowledged.
func (c *trial) pushUntilKept() {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !strings.HasPrefix(c.push(), ":"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("writes stay refused")
		}
	}
}

// judge starts on a disk and compares: what was acknowledged is there, what was refused is not.
func (c *trial) judge(what string, files vfs.FS, settings ...string) {
	c.t.Helper()
	l, err := boot(c.t, files, settings...)
	if err != nil {
		c.t.Errorf("%s: a restart is refused: %v", what, err)
		return
	}
	defer l.end()
	list := l.list()
	for _, n := range c.acked {
		if !slices.Contains(list, n) {
			c.t.Errorf("%s: %s was acknowledged and is lost", what, n)
		}
	}
	for _, n := range c.refused {
		if slices.Contains(list, n) {
			c.t.Errorf("%s: %s was refused and is there", what, n)
		}
	}
	if !slices.IsSortedFunc(list, func(a, b string) int { x, _ := strconv.Atoi(a); y, _ := strconv.Atoi(b); return x - y }) {
		c.t.Errorf("%s: out of order or twice: %v", what, list)
	}
}

// onFaults starts a server over a disk that can be made to fail.
func onFaults(t *testing.T, settings ...string) (*simdisk.Disk, *faults.FS, *life, *trial) {
	t.Helper()
	d := dataDisk(t)
	broken := faults.New(d)
	l, err := bootServer(t, broken, true, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return d, broken, l, &trial{t: t, address: l.address}
}

// TestF6LogOnAFullDisk fills the disk at every byte of the next record: it is not acknowledged, writes are refused, and go on when there is room again.
func TestF6LogOnAFullDisk(t *testing.T) {
	for _, policy := range []string{"always", "everysec"} {
		for room := int64(0); room < 46; room += 15 {
			settings := []string{"appendonly", "yes", "appendfsync", policy}
			d, broken, _, c := onFaults(t, settings...)
			c.pushUntilKept()
			full := faults.Full(room)
			broken.Add(full)
			if got := c.push(); got != "" {
				t.Errorf("%s, room for %d: a write on a full disk gives %q", policy, room, got)
			}
			if got := c.push(); !strings.HasPrefix(got, "-MISCONF Errors writing to the AOF file: No space left on device") {
				t.Errorf("%s, room for %d: the next one gives %q", policy, room, got)
			}
			if got := c.ask("LLEN", "all"); !strings.HasPrefix(got, ":") {
				t.Errorf("%s, room for %d: reading gives %q", policy, room, got)
			}
			broken.Drop(full)
			c.pushUntilKept()
			c.judge(fmt.Sprintf("%s, room for %d, killed", policy, room), d.Kill(), settings...)
			if policy == "always" {
				c.judge(fmt.Sprintf("%s, room for %d, power cut", policy, room), d.PowerCut(room), settings...)
			}
		}
	}
}

// TestF6EncryptedLogOnAFullDisk is the same through the encrypting layer, whose frames are cut too, and with a Sync that fails.
func TestF6EncryptedLogOnAFullDisk(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	for room := int64(0); room < 100; room += 33 {
		d := dataDisk(t)
		broken := faults.New(d)
		l, err := bootServer(t, sealedOver(t, broken), true, settings...)
		if err != nil {
			t.Fatal(err)
		}
		c := &trial{t: t, address: l.address}
		c.pushUntilKept()
		full := faults.Full(room)
		broken.Add(full)
		c.push()
		if got := c.push(); !strings.HasPrefix(got, "-MISCONF Errors writing to the AOF file: No space left on device") {
			t.Errorf("room for %d: a write on a full disk gives %q", room, got)
		}
		broken.Drop(full)
		c.pushUntilKept()
		broken.Add(faults.BadSync("*.incr.aof"))
		c.push()
		c.pushUntilKept()
		c.judge(fmt.Sprintf("room for %d, killed", room), sealedOver(t, d.Kill()), settings...)
		c.judge(fmt.Sprintf("room for %d, power cut", room), sealedOver(t, d.PowerCut(room)), settings...)
	}
}

// TestF6DiskFullForSnapshotAndRewrite: the old files stay in use.
func TestF6DiskFullForSnapshotAndRewrite(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	d, broken, l, c := onFaults(t, settings...)
	c.pushUntilKept()
	full := faults.Full(20)
	full.Name = "temp-*"
	broken.Add(full)
	if got := c.ask("SAVE"); !strings.HasPrefix(got, "-ERR") {
		t.Errorf("SAVE on a full disk: %q", got)
	}
	c.ask("BGREWRITEAOF")
	l.eventually("the rewrite fails", func() bool {
		return strings.Contains(l.client().do("INFO", "persistence"), "aof_last_bgrewrite_status:err")
	})
	c.pushUntilKept()
	after := d.Kill()
	c.judge("after both failed", after, settings...)
	list, err := after.ReadDir(cutDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if strings.HasPrefix(e.Name(), "temp-") {
			t.Errorf("%s is left", e.Name())
		}
	}
}

// TestF7FailedSync loses the pages of the log once: nothing that was not safe before is acknowledged, and a new file makes up for it.
func TestF7FailedSync(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	for seed := range int64(5) {
		d, broken, _, c := onFaults(t, settings...)
		c.pushUntilKept()
		broken.Add(faults.BadSync("*.incr.aof"))
		c.push() // its connection is closed, or it is answered once the new file has it
		c.pushUntilKept()
		incr := 0
		for _, s := range broken.Steps() {
			if s.Op == faults.Create && strings.HasSuffix(s.Name, ".incr.aof") {
				incr++
			}
		}
		if incr < 2 {
			t.Error("it goes on in the same file")
		}
		c.judge("after a failed sync", d.PowerCut(seed), settings...)
	}
}

// TestF7FailedSyncEverySec: there the acknowledgement came before, and the failure has to be made up for.
func TestF7FailedSyncEverySec(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "everysec"}
	d, broken, l, c := onFaults(t, settings...)
	broken.Add(faults.BadSync("*.incr.aof"))
	for range 3 {
		c.push()
	}
	l.eventually("the log is given up and written anew", func() bool {
		return strings.Contains(l.client().do("INFO", "persistence"), "aof_rewrites:2") || len(broken.Steps()) > 0 && l.e.aof.log.Load().Good() && newest(broken) != "appendonly.aof.1.incr.aof"
	})
	first := c.acked
	c.pushUntilKept()
	c.acked = first // what comes later may be in the last second
	c.judge("after a failed sync", d.PowerCut(1), settings...)
}

// newest is the increment that was made last.
func newest(s *faults.FS) (name string) {
	for _, step := range s.Steps() {
		if step.Op == faults.Create && strings.HasSuffix(step.Name, ".incr.aof") {
			name = step.Name
		}
	}
	return name
}

// TestF8SlowSync holds a Sync up: reading goes on, and writing until a second of it is at risk.
func TestF8SlowSync(t *testing.T) {
	_, broken, l, c := onFaults(t, "appendonly", "yes", "appendfsync", "everysec")
	c.pushUntilKept()
	began := make(chan struct{})
	release, open := latch(t)
	var once sync.Once
	slow := &faults.Rule{Op: faults.Sync, Name: "*.incr.aof", Wait: func() {
		once.Do(func() { close(began) })
		<-release
	}}
	broken.Add(slow)
	c.push()
	receive(t, "the Sync", began)
	stalled, writes := make(chan struct{}), 0
	go func() { // writes until it is held
		defer close(stalled)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); writes++ {
			if c.push() == "" {
				return
			}
			if strings.Contains(l.client().do("INFO", "persistence"), "aof_delayed_fsync:1") {
				return
			}
		}
	}()
	delayed := func() bool { return strings.Contains(l.client().do("INFO", "persistence"), "aof_delayed_fsync:1") }
	l.eventually("writers wait for the disk", delayed)
	reader := &trial{t: t, address: l.address}
	for range 100 {
		if got := reader.ask("LLEN", "all"); !strings.HasPrefix(got, ":") {
			t.Fatalf("reading beside a slow disk: %q", got)
		}
	}
	broken.Drop(slow)
	open()
	receive(t, "the writers", stalled)
	c.pushUntilKept()
}

// TestReadOnlyDisk refuses writes and says why.
func TestReadOnlyDisk(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	d, broken, _, c := onFaults(t, settings...)
	c.pushUntilKept()
	ro := faults.ReadOnly()
	broken.Add(ro)
	c.push()
	if got := c.push(); !strings.HasPrefix(got, "-MISCONF") || !strings.Contains(got, "Read-only file system") {
		t.Errorf("a write on a read-only disk gives %q", got)
	}
	if got := c.ask("SAVE"); !strings.HasPrefix(got, "-ERR") {
		t.Errorf("SAVE gives %q", got)
	}
	broken.Drop(ro)
	c.pushUntilKept()
	c.judge("after it was writable again", d.PowerCut(1), settings...)
}

// TestF3EveryFailure has each change of the disk fail once, one after the other, through a start, writes, a rewrite and a snapshot: nothing that was
// acknowledged is lost, and the server recovers by itself or refuses to start. CACHESRV_CUTS set tries all, else every ninth.
func TestF3EveryFailure(t *testing.T) {
	stride := 9
	if os.Getenv("CACHESRV_CUTS") != "" {
		stride = 1
	}
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	steps := 1
	for k := 0; k < steps && !t.Failed(); k += stride {
		t.Run(strconv.Itoa(k), func(t *testing.T) { // each with its own end
			d := dataDisk(t)
			broken := faults.New(d)
			broken.Add(&faults.Rule{Op: faults.Changes, Skip: k, Once: true, Err: syscall.EIO})
			what := func() string {
				for i, s := range broken.Steps() {
					if s.Err != nil {
						return fmt.Sprintf("failure %d (%v %s)", i, s.Op, s.Name)
					}
				}
				return "no failure"
			}
			l, err := bootServer(t, broken, true, settings...)
			if err != nil {
				if again, err := boot(t, d.Kill(), settings...); err != nil {
					t.Errorf("%s: refused, and refused again on a good disk: %v", what(), err)
				} else {
					again.end()
				}
				steps = max(steps, k+stride+1)
				return
			}
			c := &trial{t: t, address: l.address}
			for i := range 12 {
				c.pushUntilKept()
				switch i {
				case 3, 6:
					c.ask("BGREWRITEAOF")
					l.eventually("the rewrite is over", func() bool { return l.e.working() == noJob })
				case 9:
					c.ask("SAVE")
				}
			}
			l.eventually("the log is good", func() bool { return l.e.aof.log.Load().Good() })
			steps = max(steps, len(broken.Steps()))
			c.judge(what()+", killed", d.Kill(), settings...)
			c.judge(what()+", power cut", d.PowerCut(int64(k)), settings...)
		})
	}
	t.Logf("%d steps", steps)
}

// TestTornEncryptedLog cuts the last frame of an encrypted log: that is a torn end like any other, which aof-load-truncated decides about.
func TestTornEncryptedLog(t *testing.T) {
	settings := []string{"appendonly", "yes", "appendfsync", "always"}
	d := dataDisk(t)
	l, err := bootServer(t, sealedOver(t, d), true, settings...)
	if err != nil {
		t.Fatal(err)
	}
	c := &trial{t: t, address: l.address}
	c.pushUntilKept()
	c.pushUntilKept()
	torn := func() *simdisk.Disk {
		after := d.Kill()
		f, err := after.Open(cutDir+"/appendonlydir/appendonly.aof.1.incr.aof", os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		size, _ := f.Size()
		if err := f.Truncate(size - 1); err != nil {
			t.Fatal(err)
		}
		return after
	}
	if l, err := boot(t, sealedOver(t, torn()), append(settings, "aof-load-truncated", "no")...); err == nil {
		l.end()
		t.Error("a torn end is taken without a word")
	} else if !strings.Contains(err.Error(), "Unexpected end of file") || !strings.Contains(err.Error(), "appendonly.aof.1.incr.aof") {
		t.Error(err)
	}
	again, err := boot(t, sealedOver(t, torn()), settings...)
	if err != nil {
		t.Fatal(err)
	}
	defer again.end()
	if got := again.list(); !slices.Equal(got, []string{"1"}) {
		t.Errorf("what is left is %v", got)
	}
}
