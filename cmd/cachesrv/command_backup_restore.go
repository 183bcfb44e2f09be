// backup verify and backup restore: backups come back.

package main

import (
	"errors"
	"fmt"
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
		if err := mayRestore(*out, *logDir, *force); err != nil {
			return err
		}
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

// mayRestore refuses a directory in which the restored data would not be what a server loads, or would replace what somebody needs.
func mayRestore(out, logDir string, force bool) error {
	list, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(list) > 0 && !force {
		return fmt.Errorf("%s is not empty; --force restores into it all the same", out)
	}
	if logs, err := os.ReadDir(filepath.Join(out, logDir)); err == nil && len(logs) > 0 {
		return fmt.Errorf("%s holds an append-only file, which a server would load in place of the backup: move it away first", filepath.Join(out, logDir))
	}
	if _, err := os.Stat(filepath.Join(out, crypt.RingName)); err == nil {
		return fmt.Errorf("%s holds the keys of other encrypted data: restore into an empty directory", filepath.Join(out, crypt.RingName))
	}
	lock, err := vfs.OS.Lock(filepath.Join(out, "cachesrv.lock"))
	if err != nil {
		return fmt.Errorf("%s: a server is using it: %w", out, err)
	}
	return lock.Close()
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
