package rewind

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
)

func TestMomentsInTime(t *testing.T) {
	for _, order := range []bool{false, true} {
		a := open(t, twoGenerations(t, order))
		for _, c := range []struct {
			after   int64
			base    string
			last    string // what the last increment holds
			records int64
		}{
			{0, base1, rec(), 0},
			{1, base1, rec("#1", "SELECT 0", "SET a 1"), 2},
			{4, base1, rec("#1", "SELECT 0", "SET a 1"), 2},
			{5, base1, rec("#1", "SELECT 0", "SET a 1", "#5", "SET a 2", "SET b 1"), 4},
			{99, base1, rec("#1", "SELECT 0", "SET a 1", "#5", "SET a 2", "SET b 1", "#9", "FLUSHALL", "SET c 1"), 6},
			{100, base2, rec(), 0},
			{105, base2, rec("#101", "SELECT 0", "SET d 1", "#105", "MULTI", "SET e 1", "SET e 2", "EXEC"), 6},
			{115, base2, rec("#101", "SELECT 0", "SET d 1", "#105", "MULTI", "SET e 1", "SET e 2", "EXEC", "#110", "SET f 1", "DEL d"), 8},
		} {
			p, err := a.Plan(moment(t)(AtTime(strconv.FormatInt(t0+c.after, 10))), now)
			if err != nil {
				t.Errorf("second %d: %v", c.after, err)
				continue
			}
			manifest, last, _ := restored(t, p)
			if last != c.last || p.Base.Name != c.base || p.Records != c.records || !strings.HasPrefix(manifest, "file "+c.base) || strings.Contains(manifest, "type h") {
				t.Errorf("second %d: %s and %d records, %q; manifest %q", c.after, p.Base.Name, p.Records, last, manifest)
			}
		}
	}
}

func TestMomentsThatAreNotThere(t *testing.T) {
	a := open(t, twoGenerations(t, false))
	for _, m := range []Moment{
		moment(t)(AtTime(strconv.Itoa(t0 - 1))),
		moment(t)(AtTime(strconv.FormatInt(now.Unix()+1, 10))),
		moment(t)(AtOffset("other:1")),
		moment(t)(AtOffset(incr2 + ":100000")),
		moment(t)(Before("SWAPDB")),
		moment(t)(Before("DEL nothing")),
	} {
		_, err := a.Plan(m, now)
		if !errors.Is(err, ErrOutside) || !strings.Contains(err.Error(), "base "+base1) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

func TestBeforeACommand(t *testing.T) {
	a := open(t, twoGenerations(t, false))
	for command, want := range map[string]string{
		"flushall": rec("#1", "SELECT 0", "SET a 1", "#5", "SET a 2", "SET b 1", "#9"),
		"DEL":      rec("#101", "SELECT 0", "SET d 1", "#105", "MULTI", "SET e 1", "SET e 2", "EXEC", "#110", "SET f 1", "DEL d", "#120"),
		"del d":    rec("#101", "SELECT 0", "SET d 1", "#105", "MULTI", "SET e 1", "SET e 2", "EXEC", "#110", "SET f 1"),
		"SET e 2":  rec("#101", "SELECT 0", "SET d 1", "#105"), // in a transaction: all of it is left out
		"EXEC":     rec("#101", "SELECT 0", "SET d 1", "#105"),
	} {
		p, err := a.Plan(moment(t)(Before(command)), now)
		if err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		if _, last, _ := restored(t, p); last != want {
			t.Errorf("before %s: %q", command, last)
		}
	}
}

// TestEveryOffset wants the longest piece that ends with a record outside of transactions.
func TestEveryOffset(t *testing.T) {
	a := open(t, twoGenerations(t, false))
	items := []string{"#101", "SELECT 0", "SET d 1", "#105", "MULTI SET-e-1 SET-e-2 EXEC", "#110", "SET f 1", "DEL d", "#120", "DEL e"}
	items[4] = ""
	ends := []int{0}
	whole := ""
	for _, it := range items {
		if it == "" {
			whole += rec("MULTI", "SET e 1", "SET e 2", "EXEC")
		} else {
			whole += rec(it)
		}
		ends = append(ends, len(whole))
	}
	for offset := range len(whole) + 1 {
		want := 0
		for _, e := range ends {
			if e <= offset {
				want = e
			}
		}
		p, err := a.Plan(moment(t)(AtOffset(incr2+":"+strconv.Itoa(offset))), now)
		if err != nil || p.Cut != int64(want) {
			t.Fatalf("offset %d: cut at %d, not %d (%v)", offset, p.Cut, want, err)
		}
	}
}

func TestALogWithoutTimes(t *testing.T) {
	dir := logOf(t, []string{"b " + base1, "i " + incr1}, map[string]string{base1: rec("#0", "SELECT 0", "SET a 0"), incr1: rec("SELECT 0", "SET a 1")})
	a := open(t, dir)
	if _, err := a.Plan(moment(t)(AtTime(strconv.Itoa(t0+5))), now); !errors.Is(err, ErrOutside) || !strings.Contains(err.Error(), "no times") {
		t.Errorf("%v", err)
	}
	p, err := a.Plan(moment(t)(AtTime("latest")), now)
	if err != nil || p.Records != 2 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestTornAndDamagedLogs(t *testing.T) {
	good := rec("#1", "SELECT 0", "SET a 1", "#5", "SET a 2")
	torn := good + rec("SET b 1")[:10]
	dir := logOf(t, []string{"b " + base1, "i " + incr1}, map[string]string{base1: rec("#0"), incr1: torn})
	p, err := open(t, dir).Plan(moment(t)(AtTime("latest")), now)
	if err != nil || p.Torn != 10 {
		t.Fatalf("torn: %v, %v", p, err)
	}
	if _, last, _ := restored(t, p); last != good {
		t.Errorf("torn: %q", last)
	}

	bad := good + "nonsense" + rec("#9", "SET b 1")
	dir = logOf(t, []string{"b " + base1, "i " + incr1}, map[string]string{base1: rec("#0"), incr1: bad})
	a := open(t, dir)
	_, err = a.Plan(moment(t)(AtTime("latest")), now)
	var d *aof.Damage
	if !errors.As(err, &d) || d.Offset != int64(len(good)) {
		t.Errorf("damaged: %v", err)
	}
	if p, err := a.Plan(moment(t)(AtTime(strconv.Itoa(t0+1))), now); err != nil || p.Records != 2 {
		t.Errorf("before the damage: %v, %v", p, err)
	}
	if p, err := a.Plan(moment(t)(AtOffset(incr1+":"+strconv.Itoa(len(good)))), now); err != nil || p.Cut != int64(len(good)) {
		t.Errorf("up to the damage: %v, %v", p, err)
	}
}

func TestASnapshotIsOneMoment(t *testing.T) {
	dir := t.TempDir()
	// A snapshot of nothing with its moment: ctime t0, and no checksum.
	text := "REDIS0010\xfa\x05ctime\xc2" + string([]byte{t0 & 255, t0 >> 8 & 255, t0 >> 16 & 255, t0 >> 24 & 255}) + "\xff\x00\x00\x00\x00\x00\x00\x00\x00"
	if err := os.WriteFile(filepath.Join(dir, "dump.rdb"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	a := open(t, dir)
	if a.Snapshot.At != t0 {
		t.Fatalf("it is of %d", a.Snapshot.At)
	}
	for _, bad := range []int{t0 - 1, t0 + 1} {
		if _, err := a.Plan(moment(t)(AtTime(strconv.Itoa(bad))), now); !errors.Is(err, ErrOutside) || !strings.Contains(err.Error(), Text(t0)) {
			t.Errorf("second %d: %v", bad-t0, err)
		}
	}
	p, err := a.Plan(moment(t)(AtTime(strconv.Itoa(t0))), now)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "new")
	if err := p.Write(vfs.OS, out, nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(filepath.Join(out, "dump.rdb")); string(b) != text {
		t.Errorf("%q", b)
	}
}

func TestTheNewDirectoryIsNew(t *testing.T) {
	a := open(t, twoGenerations(t, false))
	p, err := a.Plan(moment(t)(AtTime("latest")), now)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := os.WriteFile(filepath.Join(out, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(vfs.OS, out, nil); !errors.Is(err, ErrOccupied) {
		t.Errorf("%v", err)
	}
}

func TestADirectoryWithoutData(t *testing.T) {
	if _, err := Open(vfs.OS, t.TempDir(), Usual()); !errors.Is(err, ErrNothing) {
		t.Errorf("%v", err)
	}
}
