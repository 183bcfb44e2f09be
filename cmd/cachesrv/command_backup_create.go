// backup create: from a running server, or from a data directory that nobody uses.

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

// createFlags are those of backup create.
type createFlags struct {
	*backupFlags
	addr, socket, user, password string
	secure, insecure             bool
	caFile, certFile, keyFile    string
	dir, partSize, keep          string
	layout                       backup.Layout
	resume, unchecked            bool
}

func backupCreate() *cobra.Command {
	c := &cobra.Command{
		Use:   "create",
		Short: "Back up a running server, or a data directory",
		Long: `Back up a running server: it sends a snapshot as of now while it goes on serving, as for redis-cli --rdb; any redis
will do. The snapshot is read in full, and only what a server could load is sent to the target. With --dir the files of a data
directory that no server uses are taken as they are.

A transfer that failed goes on with --resume: the snapshot lies in the spool until all of it has arrived.`,
		Args: noArguments,
	}
	f := &createFlags{backupFlags: addBackupFlags(c), layout: backup.Layout{LogDir: "appendonlydir", Log: "appendonly.aof", Snapshot: "dump.rdb", Lock: backup.LogLock}}
	f.addTransferFlags(c)
	flags := c.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:6379", "address of the server")
	flags.StringVar(&f.socket, "socket", "", "unix socket of the server, in place of an address")
	flags.StringVar(&f.user, "user", "", "user")
	flags.StringVar(&f.password, "password", "", "password; better in the environment as REDISCLI_AUTH")
	flags.BoolVar(&f.secure, "tls", false, "speak TLS")
	flags.BoolVar(&f.insecure, "insecure", false, "do not look at the server's certificate")
	flags.StringVar(&f.caFile, "cacert", "", "certificates of the authorities to trust")
	flags.StringVar(&f.certFile, "cert", "", "own certificate")
	flags.StringVar(&f.keyFile, "key", "", "its key")
	flags.StringVar(&f.dir, "dir", "", "data directory to back up, in place of a server")
	flags.StringVar(&f.layout.LogDir, "appenddirname", f.layout.LogDir, "directory of the append-only file in it")
	flags.StringVar(&f.layout.Log, "appendfilename", f.layout.Log, "name of the append-only file")
	flags.StringVar(&f.layout.Snapshot, "dbfilename", f.layout.Snapshot, "name of the snapshot in it")
	flags.StringVar(&f.partSize, "part-size", "32mb", "size of the parts that are sent")
	flags.StringVar(&f.keep, "keep", "", "then remove older backups: how many stay (7), how long (30d), or both (\"7 30d\")")
	flags.BoolVar(&f.resume, "resume", false, "go on with the transfer that failed")
	flags.BoolVar(&f.unchecked, "no-check", false, "send the snapshot without reading it")
	f.key = addKeyFlags(c, "encryption-", "the key to encrypt with")
	c.MarkFlagsMutuallyExclusive("dir", "socket", "resume")
	c.RunE = func(c *cobra.Command, _ []string) error { return f.run(c) }
	return c
}

func (f *createFlags) run(c *cobra.Command) error {
	store, err := f.store()
	if err != nil {
		return err
	}
	keep, err := config.ParseKeep(f.keep)
	if err != nil {
		return fmt.Errorf("--keep=%s: %w", f.keep, err)
	}
	bar := newProgress(c.ErrOrStderr())
	meter, err := f.meter(bar)
	if err != nil {
		return err
	}
	ctx, cancel := untilSignal()
	defer cancel()
	d, lock, err := f.draft(ctx, store, meter, bar)
	if lock != nil {
		defer lock.Close()
	}
	bar.end()
	if err != nil {
		return err
	}
	bar.begin("sending")
	sent, err := d.Upload(ctx, store, meter)
	bar.end()
	if err != nil {
		return fmt.Errorf("%w\nNothing is lost: with --resume and the same --target the transfer goes on", err)
	}
	m := d.Manifest
	fmt.Fprintf(c.OutOrStdout(), "%s in %s: %s, %s keys, %s sent\n", m.ID, store, sizeText(m.Size), keysText(m.Keys), sizeText(sent))
	if err := d.Discard(); err != nil {
		return err
	}
	gone, err := backup.Prune(ctx, store, keep, time.Now())
	for _, id := range gone {
		fmt.Fprintf(c.OutOrStdout(), "%s is removed\n", id)
	}
	return err
}

// draft makes the backup on this machine, or takes up the one that was not sent in full.
func (f *createFlags) draft(ctx context.Context, store backup.Store, meter *backup.Meter, bar *progress) (*backup.Draft, io.Closer, error) {
	partSize, ok := config.ParseMemory(f.partSize)
	if !ok || partSize < 4096 || partSize > 4<<30 {
		return nil, nil, fmt.Errorf("--part-size=%s: must be from 4kb to 4gb", f.partSize)
	}
	spool := &backup.Spool{Dir: f.spoolDir(), Files: vfs.OS}
	if f.resume {
		d, err := spool.Open(store.String())
		if err == nil && d == nil {
			err = fmt.Errorf("%s holds no transfer to %s to go on with", spool.Dir, store)
		}
		return d, nil, err
	}
	if err := spool.Sweep(ctx, time.Now(), 7*24*time.Hour); err != nil {
		return nil, nil, err
	}
	m := backup.Manifest{ID: backup.NewID(time.Now()), Created: time.Now().UTC().Truncate(time.Second), Tool: "cachesrv " + config.Version}
	if f.dir != "" {
		var err error
		if spool.Files, err = f.key.files(f.dir); err != nil {
			return nil, nil, err
		}
		m.Source, _ = filepath.Abs(f.dir)
		bar.begin("reading " + f.dir)
		return spool.FromDirectory(m, f.dir, f.layout, partSize, store.String())
	}
	files, err := f.key.files(spool.Dir)
	if err != nil {
		return nil, nil, err
	}
	spool.Files = files
	server, err := f.server()
	if err != nil {
		return nil, nil, err
	}
	m.Source = server.Address
	bar.begin("receiving")
	d, err := spool.Fill(&m, partSize, !f.unchecked, store.String(), func(w io.Writer) error {
		pulled, err := backup.Pull(ctx, server, w, meter)
		m.Server = pulled.Version
		return err
	})
	return d, nil, err
}

func (f *createFlags) server() (backup.Server, error) {
	s := backup.Server{Network: "tcp", Address: withPort(f.addr), User: f.user, Password: f.password}
	if f.socket != "" {
		s.Network, s.Address = "unix", f.socket
	}
	if s.Password == "" {
		s.Password = os.Getenv("REDISCLI_AUTH")
	}
	if !f.secure {
		return s, nil
	}
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure, ServerName: hostOf(f.addr)}
	if f.caFile != "" {
		pem, err := os.ReadFile(f.caFile)
		if err != nil {
			return s, err
		}
		s.TLS.RootCAs = x509.NewCertPool()
		if !s.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return s, fmt.Errorf("%s: no certificate in it", f.caFile)
		}
	}
	if (f.certFile == "") != (f.keyFile == "") {
		return s, errors.New("--cert and --key belong together")
	}
	if f.certFile != "" {
		pair, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
		if err != nil {
			return s, err
		}
		s.TLS.Certificates = []tls.Certificate{pair}
	}
	return s, nil
}

// hostOf is the name that the server's certificate must have.
func hostOf(addr string) string {
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

// withPort adds redis's port to an address that names none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), "6379")
}
