package crypt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/simdisk"
)

func TestRotationTouchesNoData(t *testing.T) {
	d := simdisk.New()
	must(t, d.MkdirAll("/data/appendonlydir", 0o755))
	s, err := New(d, "/data", keyOf(t, 1))
	must(t, err)
	writeFile(t, s, "/data/f", fresh, "text")
	writeFile(t, s, "/data/appendonlydir/g", appending, "log")
	before := slices.Concat(raw(t, d, "/data/f"), raw(t, d, "/data/appendonlydir/g"))

	done, err := Rotate(d, "/data", keyOf(t, 1), keyOf(t, 2), true)
	if err != nil || fmt.Sprint(done) != "[/data]" {
		t.Fatal(done, err)
	}
	if after := slices.Concat(raw(t, d, "/data/f"), raw(t, d, "/data/appendonlydir/g")); !slices.Equal(before, after) {
		t.Error("data changed")
	}
	writeFile(t, s, "/data/h", fresh, "by the server that ran meanwhile")
	if _, err := New(d, "/data", keyOf(t, 1)); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the old key gives %v", err)
	}
	s, err = New(d, "/data", keyOf(t, 2))
	must(t, err)
	for name, want := range map[string]string{"/data/f": "text", "/data/appendonlydir/g": "log", "/data/h": "by the server that ran meanwhile"} {
		if got, err := readFile(s, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	writeFile(t, s, "/data/i", fresh, "x")
	if a, b := raw(t, d, "/data/f")[16:24], raw(t, d, "/data/i")[16:24]; slices.Equal(a, b) {
		t.Error("new files do not use the new data key")
	}
	if _, err := Rotate(simdisk.New(), "/", keyOf(t, 1), keyOf(t, 2), false); err == nil {
		t.Error("a directory without keys was rotated")
	}
}

// TestF3RotationEndsWithOneOfTheTwoRings loses power at every step of a rotation.
func TestF3RotationEndsWithOneOfTheTwoRings(t *testing.T) {
	d := simdisk.New()
	writeFile(t, layer(t, d, keyOf(t, 1)), "/f", fresh, "text")
	must(t, d.SyncDir("/"))
	seen := map[byte]int{}
	d.OnStep(func(m simdisk.Moment) {
		for seed := range int64(30) {
			after, ok := m.PowerCut(seed), false
			for key := byte(1); key <= 2; key++ {
				if s, err := New(after, "/", keyOf(t, key)); err == nil {
					got, err := readFile(s, "/f")
					ok = err == nil && string(got) == "text"
					seen[key]++
				}
			}
			if !ok {
				t.Fatalf("step %d seed %d: neither key opens", m.Step, seed)
			}
		}
	})
	_, err := Rotate(d, "/", keyOf(t, 1), keyOf(t, 2), false)
	must(t, err)
	if seen[1] == 0 || seen[2] == 0 {
		t.Errorf("which key opened: %v", seen)
	}
}

// TestAnotherDirectoryGetsTheKey writes where no ring is yet, as after a change of the server's directory, and moves a file there.
func TestAnotherDirectoryGetsTheKey(t *testing.T) {
	d := simdisk.New()
	must(t, d.MkdirAll("/a", 0o755))
	must(t, d.MkdirAll("/b", 0o755))
	must(t, d.MkdirAll("/c", 0o755))
	s, err := New(d, "/a", keyOf(t, 1))
	must(t, err)
	writeFile(t, s, "/a/f", fresh, "text")
	writeFile(t, s, "/b/f", fresh, "text")
	must(t, s.Rename("/a/f", "/c/f"))
	for _, dir := range []string{"/b", "/c"} {
		s, err := New(d, dir, keyOf(t, 1))
		must(t, err)
		if got, err := readFile(s, dir+"/f"); err != nil || string(got) != "text" {
			t.Errorf("%s: %q, %v", dir, got, err)
		}
	}
}

func TestF17ADamagedRingIsRefused(t *testing.T) {
	d := simdisk.New()
	writeFile(t, layer(t, d, keyOf(t, 1)), "/f", fresh, "text")
	text := raw(t, d, "/"+RingName)
	for at := range text {
		b := slices.Clone(text)
		b[at] ^= 1 << (at % 8)
		overwrite(t, d, "/"+RingName, b)
		if _, err := New(d, "/", keyOf(t, 1)); err == nil || !strings.Contains(err.Error(), RingName) {
			t.Fatalf("a flip at %d gives %v", at, err)
		}
		overwrite(t, d, "/"+RingName, text[:at])
		if _, err := New(d, "/", keyOf(t, 1)); err == nil {
			t.Fatalf("a cut at %d is taken", at)
		}
	}
}

func TestAKeyBehindACommand(t *testing.T) {
	dir := t.TempDir()
	service := filepath.Join(dir, "service")
	// It "wraps" by putting the key into a file and giving its number.
	must(t, os.WriteFile(service, []byte(`#!/bin/sh
cd `+dir+`
case $2 in
wrap) cat > $1.key; echo "number one";;
unwrap) read number; [ "$number" = "number one" ] || { echo "no such number" >&2; exit 1; }; cat $1.key;;
esac
`), 0o755))
	w, err := Command(service + " mine")
	must(t, err)
	s, err := New(vfs.OS, dir, w)
	must(t, err)
	writeFile(t, s, filepath.Join(dir, "f"), fresh, "text")
	s, err = New(vfs.OS, dir, w)
	must(t, err)
	if got, err := readFile(s, filepath.Join(dir, "f")); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "mine.key"), []byte(NewKeyText()), 0o600))
	if _, err = New(vfs.OS, dir, w); !errors.Is(err, ErrWrongKey) {
		t.Errorf("a service that gives another key: %v", err)
	}
	other, err := Command(service + " theirs")
	must(t, err)
	if _, err = New(vfs.OS, dir, other); err == nil || !strings.Contains(err.Error(), "theirs.key") {
		t.Errorf("a service that fails: %v", err)
	}
	if _, err := Command("  "); err == nil {
		t.Error("no command is taken")
	}
}
