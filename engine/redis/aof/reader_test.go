// Reading without moving the buffer.

package aof

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/cachesrv/cachesrv/core/vfs"
)

// TestNextHeldKeepsWords: what NextHeld gives is what Next would have, and the words of the records before are still there.
func TestNextHeldKeepsWords(t *testing.T) {
	const records = 60_000 // over a MB, so that the buffer moves
	var text []byte
	for i := range records {
		text = fmt.Appendf(text, "*2\r\n$3\r\ndel\r\n$8\r\n%08d\r\n", i)
	}
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := vfs.OS.Open(name, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := NewReader(f, name, 0, int64(len(text)))
	i, moved := 0, 0
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		moved++
		first, held := r.Words[1], i
		for i++; ; i++ {
			if _, ok := r.NextHeld(); !ok {
				break
			}
			if want := fmt.Sprintf("%08d", i); string(r.Words[1]) != want || r.Offset != int64(i)*int64(len(text)/records) {
				t.Fatalf("record %d is %q at %d", i, r.Words[1], r.Offset)
			}
		}
		if want := fmt.Sprintf("%08d", held); string(first) != want {
			t.Fatalf("%q has become %q", want, first)
		}
	}
	if i != records || moved < 2 {
		t.Errorf("%d records in %d runs", i, moved)
	}
}
