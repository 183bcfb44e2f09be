// Check: reads a whole file and believes nothing.

package rdb

import (
	"io"
	"time"
)

// Summary is what a file holds.
type Summary struct {
	Version       int
	Bytes         int64
	Keys          [Module + 1]int64 // by type
	Expiring      int64
	Expired       int64 // of those, by now
	Databases     int
	Libraries     int
	ModuleRecords int
	Aux           [][2]string
	MoreBehind    bool // bytes follow the end
}

// Total is the number of keys.
func (s *Summary) Total() (n int64) {
	for _, k := range s.Keys {
		n += k
	}
	return n
}

// Check reads a file to its checksum and every value in it in full. The summary is of what was read before an error, which is as a
// FileReader's. progress, if not nil, is told every now and then how many bytes were read.
func Check(r io.Reader, progress func(at int64)) (s Summary, err error) {
	f := FileReader{From: r}
	f.Aux = func(name, value string) error {
		if len(s.Aux) < mostAux {
			s.Aux = append(s.Aux, [2]string{name, value})
		}
		return nil
	}
	f.Library = func(string) error { s.Libraries++; return nil }
	f.Module = func(string) error { s.ModuleRecords++; return nil }
	var d Decoder
	databases := map[int]bool{}
	for err == nil {
		var c *Chunk
		c, err = f.Next()
		s.Version, s.Bytes, s.Databases = f.Version, f.At(), len(databases)
		if err == io.EOF {
			n, _ := io.ReadFull(f.Rest(), make([]byte, 1))
			s.MoreBehind = n > 0
			return s, nil
		}
		if err == nil {
			err = s.count(c, &d, databases)
			c.Done()
		}
		if progress != nil {
			progress(f.At())
		}
	}
	return s, err
}

// mostAux bounds what is kept of a file that says too much of itself.
const mostAux = 64

func (s *Summary) count(c *Chunk, d *Decoder, databases map[int]bool) error {
	defer d.Close()
	now := time.Now().UnixMilli()
	var rec Record
	for {
		ok, err := c.Next(d, &rec)
		if !ok {
			return err
		}
		s.Keys[d.Type()]++
		databases[rec.DB] = true
		if rec.ExpireAt != 0 {
			s.Expiring++
			if rec.ExpireAt <= now {
				s.Expired++
			}
		}
	}
}
