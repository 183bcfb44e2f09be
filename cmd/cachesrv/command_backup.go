// The sub-command backup: backups are made, listed, verified, restored and removed.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/backup"
)

// backupFlags are those that all commands about backups share.
type backupFlags struct {
	target, rate, spool string
	secretFile          string
	account             backup.Account
	stall               time.Duration
	key                 keyFlags
}

func backupCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "backup",
		Short: "Make, list, verify, restore and remove backups in a directory or an S3-compatible store",
		Long: `Make, list, verify, restore and remove backups. A target is a directory or s3://bucket/prefix; for the latter the
environment gives AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL where flags do not.`,
		Example: `  cachesrv backup create --addr=127.0.0.1:6379 --target=/backups/cache
  cachesrv backup create --target=s3://backups/cache --s3-endpoint=https://minio.example:9000 --keep="7 30d"
  cachesrv backup list --target=/backups/cache
  cachesrv backup verify latest --target=/backups/cache
  cachesrv backup restore latest --target=/backups/cache --out=/var/lib/cachesrv`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(backupCreate(), backupList(), backupVerify(), backupRestore(), backupDelete())
	return c
}

func addBackupFlags(c *cobra.Command) *backupFlags {
	f := &backupFlags{}
	flags := c.Flags()
	flags.StringVar(&f.target, "target", os.Getenv("CACHESRV_BACKUP_TARGET"), "directory or s3://bucket/prefix (environment: CACHESRV_BACKUP_TARGET)")
	flags.StringVar(&f.account.Endpoint, "s3-endpoint", "", "host or URL of the S3-compatible service; http:// for one without TLS")
	flags.StringVar(&f.account.Region, "s3-region", "", "its region")
	flags.StringVar(&f.account.Key, "s3-access-key", "", "access key")
	flags.StringVar(&f.secretFile, "s3-secret-file", "", "file with the secret key")
	flags.StringVar(&f.account.CAFile, "s3-ca-file", "", "certificates of the authorities to trust")
	return f
}

// addTransferFlags adds those of commands that move data.
func (f *backupFlags) addTransferFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.rate, "rate", "", "bytes a second at most (20mb)")
	flags.DurationVar(&f.stall, "stall", time.Minute, "give up after so long without a byte; 0: never")
	flags.StringVar(&f.spool, "spool", "", "directory for data on its way; by default in the user's cache directory")
}

func (f *backupFlags) store() (backup.Store, error) {
	if f.target == "" {
		return nil, errors.New("say with --target where the backups are: a directory or s3://bucket/prefix")
	}
	if f.secretFile != "" {
		text, err := os.ReadFile(f.secretFile)
		if err != nil {
			return nil, err
		}
		f.account.Secret = strings.TrimSpace(string(text))
	}
	return backup.OpenStore(f.target, backup.AccountFrom(f.account, os.Getenv))
}

// meter makes a meter that reports to p, which may be nil.
func (f *backupFlags) meter(p *progress) (*backup.Meter, error) {
	m := &backup.Meter{Stall: f.stall}
	if p != nil {
		m.Report = p.at
	}
	if f.rate != "" {
		n, ok := config.ParseMemory(f.rate)
		if !ok || n <= 0 {
			return nil, fmt.Errorf("--rate=%s: must be a number of bytes such as 20mb", f.rate)
		}
		m.Rate = n
	}
	return m, nil
}

func (f *backupFlags) spoolDir() string {
	if f.spool != "" {
		return f.spool
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "cachesrv", "backup")
}

// untilSignal ends with the first signal, so that what is on its way is cleaned up.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// oneBackup is the argument of commands about one backup.
func oneBackup(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the name of one backup, or latest (see cachesrv backup list)", c.CommandPath())
	}
	return nil
}

func backupList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the backups of a target, oldest first", Args: noArguments}
	f := addBackupFlags(c)
	asJSON := c.Flags().Bool("json", false, "print manifests as JSON, without the files")
	c.RunE = func(c *cobra.Command, _ []string) error {
		store, err := f.store()
		if err != nil {
			return err
		}
		ctx, cancel := untilSignal()
		defer cancel()
		list, err := backup.List(ctx, store)
		if err != nil {
			return err
		}
		if *asJSON {
			return listJSON(c, list)
		}
		if len(list) == 0 {
			fmt.Fprintf(c.OutOrStdout(), "%s holds no backups\n", store)
			return nil
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSIZE\tKEYS\tENCRYPTED\tSERVER\tSOURCE\tSTATE")
		for _, e := range list {
			m := e.Manifest
			switch {
			case e.Damaged != nil:
				fmt.Fprintf(w, "%s\t%s\t\t\t\t\tdamaged: %v\n", e.ID, sizeText(e.Size), e.Damaged)
			case m == nil:
				fmt.Fprintf(w, "%s\t%s\t\t\t\t\tunfinished\n", e.ID, sizeText(e.Size))
			default:
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\twhole\n", e.ID, sizeText(m.Size), keysText(m.Keys), yesNo(m.Encrypted), m.Server, m.Source)
			}
		}
		return w.Flush()
	}
	return c
}

func listJSON(c *cobra.Command, list []backup.Entry) error {
	enc := json.NewEncoder(c.OutOrStdout())
	for _, e := range list {
		m := backup.Manifest{ID: e.ID}
		if e.Manifest != nil {
			m = *e.Manifest
			m.Files = nil
		}
		row := struct {
			backup.Manifest
			Whole bool `json:"whole"`
		}{m, e.Manifest != nil}
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func keysText(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func backupDelete() *cobra.Command {
	c := &cobra.Command{
		Use:   "delete ID...",
		Short: "Remove backups, whole or not",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("backup delete takes the names of backups (see cachesrv backup list)")
			}
			return nil
		},
	}
	f := addBackupFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		store, err := f.store()
		if err != nil {
			return err
		}
		ctx, cancel := untilSignal()
		defer cancel()
		for _, id := range args {
			if err := backup.Delete(ctx, store, id); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is removed\n", id)
		}
		return nil
	}
	return c
}
