// The sub-command restore: a data directory as of an earlier moment.

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/engine/redis/rewind"
)

// rewindFlags are those of restore.
type rewindFlags struct {
	dir, out, to, offset, command string
	list                          bool
	names                         rewind.Names
	key                           keyFlags
}

func restoreCommand() *cobra.Command {
	f := &rewindFlags{names: rewind.Usual()}
	c := &cobra.Command{
		Use:   "restore",
		Short: "Build a data directory as of an earlier moment from an append-only file",
		Long: `Build a new data directory as of an earlier moment from the append-only file of another one. The old directory is only
read, and a server may be running on it.

How far back that goes: to the last rewrite of the log, or further with aof-history-seconds, which keeps what
rewrites replace. Moments in time need aof-timestamp-enabled or aof-history-seconds while the log is written.`,
		Example: `  cachesrv restore --dir=/var/lib/cachesrv --list
  cachesrv restore --dir=/var/lib/cachesrv --out=/var/lib/cachesrv-before --to=2026-11-23T10:15:30Z
  cachesrv restore --dir=/var/lib/cachesrv --out=/var/lib/cachesrv-before --before-command=FLUSHALL`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	flags := c.Flags()
	flags.StringVar(&f.dir, "dir", "", "data directory to read")
	flags.StringVar(&f.out, "out", "", "data directory to make; it must be missing or empty")
	flags.StringVar(&f.to, "to", "", "time: 2026-11-23T10:15:30Z, 2026-11-23 10:15:30 (local time), seconds since 1970, or latest")
	flags.StringVar(&f.offset, "at-offset", "", "FILE:OFFSET in an increment; a record that goes over it is left out")
	flags.StringVar(&f.command, "before-command", "", "the last place before this command, with its first arguments if need be")
	flags.BoolVar(&f.list, "list", false, "tell what can be restored")
	flags.StringVar(&f.names.LogDir, "appenddirname", f.names.LogDir, "directory of the append-only file in the data directory")
	flags.StringVar(&f.names.Log, "appendfilename", f.names.Log, "name of the append-only file")
	flags.StringVar(&f.names.Snapshot, "dbfilename", f.names.Snapshot, "name of the snapshot")
	f.key = addKeyFlags(c, "encryption-", "the key, if the data is encrypted; the new directory is as well")
	c.MarkFlagsMutuallyExclusive("to", "at-offset", "before-command", "list")
	return c
}

func (f *rewindFlags) run(c *cobra.Command) error {
	if f.dir == "" {
		return errors.New("say with --dir which data directory to read")
	}
	files, err := f.key.files(f.dir)
	if err != nil {
		return err
	}
	moment, err := f.moment()
	if err != nil {
		return err
	}
	a, err := rewind.Open(files, f.dir, f.names)
	if err != nil {
		return err
	}
	if f.list {
		fmt.Fprint(c.OutOrStdout(), a.Describe())
		return nil
	}
	plan, err := a.Plan(moment, time.Now())
	if err != nil {
		return err
	}
	p := newProgress(c.ErrOrStderr())
	p.begin("writing " + f.out)
	done, total := int64(0), plan.Bytes()
	err = plan.Write(files, f.out, func(n int) {
		done += int64(n)
		p.at(done, total)
	})
	p.end()
	if err != nil {
		return err
	}
	f.tell(c, plan)
	return nil
}

func (f *rewindFlags) moment() (rewind.Moment, error) {
	if f.list {
		return rewind.Moment{}, nil
	}
	if f.out == "" {
		return rewind.Moment{}, errors.New("say with --out where the new data directory goes")
	}
	switch {
	case f.to != "":
		return rewind.AtTime(f.to)
	case f.offset != "":
		return rewind.AtOffset(f.offset)
	case f.command != "":
		return rewind.Before(f.command)
	}
	return rewind.Moment{}, errors.New("say which moment: --to, --at-offset or --before-command (--list tells what there is)")
}

// tell says what was done, and how a server starts with it.
func (f *rewindFlags) tell(c *cobra.Command, p *rewind.Plan) {
	out := c.OutOrStdout()
	for _, note := range p.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	if p.Snapshot != nil {
		fmt.Fprintf(out, "%s holds the snapshot, as of %s\n", f.out, rewind.Text(p.Snapshot.At))
		return
	}
	fmt.Fprintf(out, "%s holds ", f.out)
	if p.Base != nil {
		fmt.Fprintf(out, "the base as of %s and ", rewind.Text(p.Base.At))
	}
	fmt.Fprintf(out, "%d records", p.Records)
	if p.Last > 0 {
		fmt.Fprintf(out, ", the last ones of %s", rewind.Text(p.Last))
	}
	fmt.Fprintf(out, "; %d later records are left out\n", p.Left)
	if n := len(p.Incrs); n > 0 {
		fmt.Fprintf(out, "cut at offset %d of %s\n", p.Cut, p.Incrs[n-1])
	}
	if p.Torn > 0 {
		fmt.Fprintf(out, "the last %d bytes of the log were torn and are left out\n", p.Torn)
	}
	fmt.Fprintf(out, "start a server with --dir=%s --appendonly=yes\n", f.out)
}
