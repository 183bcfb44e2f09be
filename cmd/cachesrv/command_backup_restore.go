// backup verify and backup restore: backups come back.

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

func backupVerify() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify ID",
		Short: "Fetch a backup, compare every hash and read all data in it",
		Long:  "Fetch a backup, compare every hash and read all data in it, as a restore does. It needs the room of the backup in the spool.",
		Args:  oneBackup,
	}
	f := addBackupFlags(c)
	f.addTransferFlags(c)
	f.key = addKeyFlags(c, "encryption-", "the key, if the backup is encrypted")
	c.RunE = func(c *cobra.Command, args []string) error {
		spool := f.spoolDir()
		if err := os.MkdirAll(spool, 0o700); err != nil {
			return err
		}
		dir, err := os.MkdirTemp(spool, "verify-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		return f.fetch(c, args[0], dir, nil, "is whole")
	}
	return c
}

func backupRestore() *cobra.Command {
	c := &cobra.Command{
		Use:   "restore ID",
		Short: "Make a data directory from a backup",
		Args:  oneBackup,
	}
	f := addBackupFlags(c)
	f.addTransferFlags(c)
	f.key = addKeyFlags(c, "encryption-", "the key, if the backup is encrypted: then what was restored is read in full")
	out := c.Flags().String("out", "", "data directory to make; it must be missing or empty")
	force := c.Flags().Bool("force", false, "also into a directory that is not empty, over a snapshot that is there")
	snapshot := c.Flags().String("dbfilename", backup.SnapshotName, "name for the snapshot")
	logDir := c.Flags().String("appenddirname", "appendonlydir", "directory of the append-only file that must not be there")
	c.RunE = func(c *cobra.Command, args []string) error {
		if *out == "" {
			return errors.New("say with --out where the data directory goes")
		}
		if filepath.Base(*snapshot) != *snapshot {
			return fmt.Errorf("--dbfilename=%s: must be a name without a path", *snapshot)
		}
		locks, err := lockForRestore(*out, *snapshot, *logDir, *force)
		if err != nil {
			return err
		}
		defer locks.release()
		rename := func(name string) string {
			if name == backup.SnapshotName {
				return *snapshot
			}
			return name
		}
		return f.fetch(c, args[0], *out, rename, "is restored to "+*out)
	}
	return c
}

// lockForRestore refuses a directory in which the restored data would not be what a server loads, or would replace what somebody needs. What a server
// would lock there is held until release.
func lockForRestore(out, snapshot, logDir string, force bool) (locks heldLocks, err error) {
	list, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			locks.release()
			locks = nil
		}
	}()
	if err = locks.take(filepath.Join(out, backup.LogLock)); err != nil {
		return locks, err
	}
	others := 0
	for _, f := range list {
		switch {
		case f.Name() == backup.LogLock:
		case f.Name() == snapshot+backup.SnapshotLock && f.Type().IsRegular():
			if err = locks.take(filepath.Join(out, f.Name())); err != nil {
				return locks, err
			}
		default:
			others++
		}
	}
	if others > 0 && !force {
		return locks, fmt.Errorf("%s is not empty; --force restores into it all the same", out)
	}
	if logs, err := os.ReadDir(filepath.Join(out, logDir)); err == nil && len(logs) > 0 {
		return locks, fmt.Errorf("%s holds an append-only file, which a server would load in place of the backup: move it away first", filepath.Join(out, logDir))
	}
	if _, err := os.Stat(filepath.Join(out, crypt.RingName)); err == nil {
		return locks, fmt.Errorf("%s holds the keys of other encrypted data: restore into an empty directory", filepath.Join(out, crypt.RingName))
	}
	return locks, nil
}

// heldLocks are locks on files.
type heldLocks []heldLock

type heldLock struct {
	io.Closer
	path string
}

func (h *heldLocks) take(path string) error {
	lock, err := vfs.OS.Lock(path)
	if errors.Is(err, vfs.ErrLocked) {
		return fmt.Errorf("%s: a server is using it: %w", path, err)
	}
	if err == nil {
		*h = append(*h, heldLock{lock, path})
	}
	return err
}

// release takes away what a server would have taken away at its end: the lock beside the snapshot, before the close, behind which it may be another's. The
// log's lock keeps its file: a server that waits at a file that is gone would be alone with it.
func (h heldLocks) release() {
	for _, l := range h {
		if filepath.Base(l.path) != backup.LogLock {
			_ = os.Remove(l.path)
		}
		_ = l.Close()
	}
}

// fetch downloads a backup into dir and reads it.
func (f *backupFlags) fetch(c *cobra.Command, id, dir string, rename func(string) string, outcome string) error {
	store, err := f.store()
	if err != nil {
		return err
	}
	bar := newProgress(c.ErrOrStderr())
	meter, err := f.meter(bar)
	if err != nil {
		return err
	}
	ctx, cancel := untilSignal()
	defer cancel()
	m, err := backup.Load(ctx, store, id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	bar.begin("fetching " + m.ID)
	err = backup.Download(ctx, store, m, vfs.OS, dir, rename, meter)
	bar.end()
	if err != nil {
		return err
	}
	files, err := f.key.files(dir)
	if err != nil {
		return err
	}
	if m.Encrypted && files == vfs.OS {
		fmt.Fprintf(c.OutOrStdout(), "%s %s: %s, all hashes are right. It is encrypted, and without a key the data was not read\n", m.ID, outcome, sizeText(m.Size))
		return nil
	}
	if !m.Encrypted {
		files = vfs.OS
	}
	found, err := backup.Check(files, dir, m, rename)
	if err != nil {
		return fmt.Errorf("backup %s cannot be loaded: %w", m.ID, err)
	}
	if m.Keys != nil && *m.Keys != found.Keys {
		return fmt.Errorf("backup %s has %d keys, and its manifest says %d", m.ID, found.Keys, *m.Keys)
	}
	fmt.Fprintf(c.OutOrStdout(), "%s %s: %s, all hashes are right, %d keys and %d records of a log were read\n", m.ID, outcome, sizeText(m.Size), found.Keys, found.Records)
	if found.Modules > 0 {
		fmt.Fprintf(c.OutOrStdout(), "warning: %d records of modules that are not here; a start leaves them out\n", found.Modules)
	}
	return nil
}
