// The sub-command keys: the keys of encryption at rest.

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
)

func keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make, change and try the keys that data is encrypted with on the disk",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(keysCreate(), keysRotate(), keysConvert(true), keysConvert(false))
	return c
}

func keysCreate() *cobra.Command {
	return &cobra.Command{
		Use:     "create FILE",
		Short:   "Write a new key into a file that must not be there yet",
		Example: "  cachesrv keys create /etc/cachesrv/data.key\n  cachesrv --encryption-key-file=/etc/cachesrv/data.key",
		Args:    oneFile("keys create"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			_, err = io.WriteString(f, crypt.NewKeyText())
			if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s holds a new key. Keep a copy where the data is not: without the key nobody can read it.\n", args[0])
			return nil
		},
	}
}

// keyFlags are the flags that name one key.
type keyFlags struct {
	prefix        string // of their names
	file, command *string
}

func addKeyFlags(c *cobra.Command, prefix, what string) keyFlags {
	return keyFlags{
		prefix,
		c.Flags().String(prefix+"key-file", "", "file of "+what),
		c.Flags().String(prefix+"key-command", "", "command of "+what),
	}
}

func (k keyFlags) key(what string) (crypt.Wrapper, error) {
	w, err := keyFrom(*k.file, *k.command)
	if err == nil && w == nil {
		err = errors.New("say which " + what + " with --" + k.prefix + "key-file or --" + k.prefix + "key-command")
	}
	return w, err
}

// files gives the file system for files below dir: encrypted, if the flags name a key.
func (k keyFlags) files(dir string) (vfs.FS, error) {
	w, err := keyFrom(*k.file, *k.command)
	if err != nil || w == nil {
		return vfs.OS, err
	}
	return crypt.New(vfs.OS, dir, w)
}

func keysRotate() *cobra.Command {
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Wrap the data keys of a directory with another key; no data is touched",
		Long: `Wrap the data keys of a directory with another key. No data is touched, and a server may run meanwhile; give it
the new key for its next start.

Who had the old key and a copy of ` + crypt.RingName + ` can still read what is under the present data keys. --fresh adds a data
key for everything that is written from the next start on.`,
		Example: "  cachesrv keys rotate --dir=/var/lib/cachesrv --key-file=old.key --new-key-file=new.key",
		Args:    noArguments,
	}
	dir := c.Flags().String("dir", ".", "data directory")
	fresh := c.Flags().Bool("fresh", false, "add a data key for files to come")
	old, next := addKeyFlags(c, "", "the present key"), addKeyFlags(c, "new-", "the next key")
	c.RunE = func(c *cobra.Command, _ []string) error {
		before, err := old.key("present key")
		if err != nil {
			return err
		}
		after, err := next.key("next key")
		if err != nil {
			return err
		}
		done, err := crypt.Rotate(vfs.OS, *dir, before, after, *fresh)
		for _, d := range done {
			fmt.Fprintf(c.OutOrStdout(), "%s: wrapped by %s\n", filepath.Join(d, crypt.RingName), after.Name())
		}
		return err
	}
	return c
}

// keysConvert makes the commands that turn the files of a directory into encrypted ones and back.
func keysConvert(encrypt bool) *cobra.Command {
	c := &cobra.Command{
		Use:   "encrypt",
		Short: "Encrypt the snapshots and the append-only file that a directory holds; the server must not run",
		Args:  noArguments,
	}
	if !encrypt {
		c.Use, c.Short = "decrypt", "Turn encrypted files of a directory into plain ones; the server must not run"
	}
	dir := c.Flags().String("dir", ".", "data directory")
	sub := c.Flags().String("appenddirname", "appendonlydir", "directory of the append-only file in it")
	flags := addKeyFlags(c, "", "the key")
	c.RunE = func(c *cobra.Command, _ []string) error {
		key, err := flags.key("key")
		if err != nil {
			return err
		}
		sealed, err := crypt.New(vfs.OS, *dir, key)
		if err != nil {
			return err
		}
		lists := [][2]string{{*dir, "*.rdb"}, {filepath.Join(*dir, *sub), "*"}}
		for _, l := range lists {
			list, err := os.ReadDir(l[0])
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			for _, e := range list {
				ok, err := filepath.Match(l[1], e.Name())
				if err != nil || !ok || !e.Type().IsRegular() || strings.HasPrefix(e.Name(), crypt.RingName) || strings.HasSuffix(e.Name(), convertSuffix) {
					continue
				}
				name := filepath.Join(l[0], e.Name())
				done, err := convert(sealed, name, encrypt)
				if err != nil {
					return err
				}
				if done {
					fmt.Fprintln(c.OutOrStdout(), name)
				}
			}
		}
		return nil
	}
	return c
}

const convertSuffix = ".converting"

// convert replaces a file by its encrypted or plain form, in one step; false if it has that form.
func convert(sealed *crypt.FS, name string, encrypt bool) (bool, error) {
	var from, to vfs.FS = sealed, vfs.OS
	in, err := sealed.Open(name, os.O_RDONLY, 0)
	plain := errors.Is(err, crypt.ErrPlain)
	if err == nil {
		defer in.Close()
	}
	switch {
	case plain != encrypt && (plain || err == nil):
		return false, nil
	case !plain && err != nil:
		return false, err
	}
	if encrypt {
		from, to = vfs.OS, sealed
		if in, err = from.Open(name, os.O_RDONLY, 0); err != nil {
			return false, err
		}
		defer in.Close()
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if strings.HasSuffix(name, ".aof") {
		flags |= os.O_APPEND // a log: it may lose its tail
	}
	tmp := name + convertSuffix
	out, err := to.Open(tmp, flags, 0o644)
	if err != nil {
		return false, err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		if err = vfs.OS.Rename(tmp, name); err == nil {
			return true, vfs.OS.SyncDir(filepath.Dir(name))
		}
	}
	return false, errors.Join(fmt.Errorf("%s: %w", name, err), os.Remove(tmp))
}
