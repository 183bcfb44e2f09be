// check aof: the files of an append-only file, from beginning to end.

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/aof"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

func checkAOF() *cobra.Command {
	fix, keys := false, keyFlags{}
	c := &cobra.Command{
		Use:   "aof MANIFEST|FILE",
		Short: "Read an append-only file in full: its manifest, every record, every checksum",
		Long: "Aof reads an append-only file in full: all files that a manifest lists, or a single one.\n\n" +
			"With --fix it cuts off what is behind the last whole record. Where that is more than a torn end, records are lost;\n" +
			"make a copy first. Of the files of a manifest only the last is cut: a hole in the middle cannot be mended.",
		Example: "  cachesrv check aof /var/lib/cachesrv/appendonlydir/appendonly.aof.manifest\n  cachesrv check aof --fix appendonly.aof.3.incr.aof",
		Args:    oneFile("check aof"),
		RunE: func(c *cobra.Command, args []string) error {
			files, err := keys.files(filepath.Dir(args[0]))
			if err != nil {
				return err
			}
			k := logCheck{c.OutOrStdout(), fix, files}
			if strings.HasSuffix(args[0], ".manifest") {
				return k.manifest(args[0])
			}
			return k.file(args[0], true)
		},
	}
	keys = addKeyFlags(c, "", "the key, if the file is encrypted")
	c.Flags().BoolVar(&fix, "fix", false, "cut off what is behind the last whole record")
	return c
}

// logCheck is one check.
type logCheck struct {
	out   io.Writer
	fix   bool
	files vfs.FS
}

// manifest checks all files that a manifest lists.
func (k *logCheck) manifest(path string) error {
	dir, name := filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), ".manifest")
	m, err := aof.LoadManifest(k.files, dir, name)
	if err != nil {
		return config.Cause(err)
	}
	fmt.Fprintf(k.out, "%s: ok, %d files and %d that are kept though they are not in use\n", path, len(m.Files())-len(m.History), len(m.History))
	files := m.Files()[:len(m.Files())-len(m.History)]
	last := len(files) - 1
	for last > 0 {
		if info, err := k.files.Stat(filepath.Join(dir, files[last].Name)); err != nil || info.Size() > 0 {
			break
		}
		last--
	}
	for i, f := range files {
		if err := k.file(filepath.Join(dir, f.Name), i >= last); err != nil {
			return err
		}
	}
	return nil
}

// file checks one; last: it may be cut.
func (k *logCheck) file(path string, last bool) error {
	flags := os.O_RDONLY
	if k.fix && last {
		flags = os.O_RDWR
	}
	f, err := k.files.Open(path, flags, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", path, config.Cause(err))
	}
	defer f.Close()
	offset, err := k.preamble(f, path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	res, err := aof.Verify(f, path, offset, nil)
	if err != nil {
		return err
	}
	if _, err := f.ReadAt(make([]byte, 1), res.Size); res.Whole() && errors.Is(err, io.ErrUnexpectedEOF) { // an encrypted file, whose layer leaves a torn end out
		res.Damage, res.Torn = &aof.Damage{File: path, Offset: res.Size, Why: err.Error(), Short: true}, true
		return k.damaged(f, path, res, last)
	}
	if res.Whole() {
		fmt.Fprintf(k.out, "%s: ok\n", path)
		k.tell(res)
		return nil
	}
	return k.damaged(f, path, res, last)
}

// preamble checks the snapshot at the beginning of a file, and gives its length; 0 if there is none.
func (k *logCheck) preamble(f vfs.File, path string) (int64, error) {
	var magic [5]byte
	if n, _ := f.ReadAt(magic[:], 0); n < len(magic) || string(magic[:]) != "REDIS" {
		return 0, nil
	}
	size, err := f.Size()
	if err != nil {
		return 0, err
	}
	s, err := rdb.Check(io.NewSectionReader(f, 0, size), nil)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(k.out, "%s: begins with a snapshot of %d keys\n", path, s.Total())
	return s.Bytes, nil
}

func (k *logCheck) tell(res *aof.Result) {
	fmt.Fprintf(k.out, "  %d bytes, %d records, %d checksums\n", res.Size, res.Records, res.Groups)
	if res.First != 0 {
		fmt.Fprintf(k.out, "  times from %s to %s\n", time.Unix(res.First, 0).UTC().Format(time.RFC3339), time.Unix(res.Last, 0).UTC().Format(time.RFC3339))
	}
}

var errDamagedLog = errors.New("the append-only file is damaged")

// damaged says what is wrong, and cuts it off if that is wanted.
func (k *logCheck) damaged(f vfs.File, path string, res *aof.Result, last bool) error {
	why := res.Damage
	fmt.Fprintf(k.out, "%s: damaged at offset %d: %s\n", path, why.Offset, why.Why)
	k.tell(res)
	kind := "a torn end: what was acknowledged is there"
	if !res.Torn {
		kind = "more than a torn end: records that were on the disk are behind it or in it"
	}
	fmt.Fprintf(k.out, "  good up to offset %d; %d bytes are behind that. This is %s.\n", res.Good, res.Size-res.Good, kind)
	switch {
	case !k.fix:
		return fmt.Errorf("%w: with --fix its end can be cut off", errDamagedLog)
	case !last:
		return fmt.Errorf("%w: it is not the last one, so nothing was cut off", errDamagedLog)
	}
	if err := errors.Join(f.Truncate(res.Good), f.Sync()); err != nil {
		return err
	}
	fmt.Fprintf(k.out, "  cut off at offset %d\n", res.Good)
	return nil
}
