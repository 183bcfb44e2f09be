// The sub-command check: looks at a data file from beginning to end without starting a server.

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/rdb"
)

func checkCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "check",
		Short: "Check data files without starting a server",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(checkRDB(), checkAOF())
	return c
}

func checkRDB() *cobra.Command {
	keys := keyFlags{}
	c := &cobra.Command{
		Use:     "rdb FILE",
		Short:   "Read a snapshot in full: its structure, every value in it, its checksum",
		Example: "  cachesrv check rdb /var/lib/cachesrv/dump.rdb",
		Args:    oneFile("check rdb"),
		RunE: func(c *cobra.Command, args []string) error {
			files, err := keys.files(filepath.Dir(args[0]))
			if err != nil {
				return err
			}
			f, err := files.Open(args[0], os.O_RDONLY, 0)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], config.Cause(err))
			}
			defer f.Close()
			s, err := rdb.Check(f, nil)
			if err != nil {
				return fmt.Errorf("%s: %w (%d keys before that are good)", args[0], err, s.Total())
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", args[0])
			tellSummary(c, &s)
			return nil
		},
	}
	keys = addKeyFlags(c, "", "the key, if the file is encrypted")
	return c
}

// tellSummary says what is in the file.
func tellSummary(c *cobra.Command, s *rdb.Summary) {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "  RDB version %d, %d bytes\n", s.Version, s.Bytes)
	for _, aux := range s.Aux {
		fmt.Fprintf(out, "  %s: %.100q\n", aux[0], aux[1])
	}
	fmt.Fprintf(out, "  %d keys in %d databases, %d of them with an expiry, %d expired by now\n", s.Total(), s.Databases, s.Expiring, s.Expired)
	fmt.Fprintf(out, "  strings %d, lists %d, sets %d, sorted sets %d, hashes %d, streams %d\n", s.Keys[rdb.String], s.Keys[rdb.List], s.Keys[rdb.Set],
		s.Keys[rdb.SortedSet], s.Keys[rdb.Hash], s.Keys[rdb.Stream])
	if s.Libraries > 0 {
		fmt.Fprintf(out, "  %d libraries of functions\n", s.Libraries)
	}
	if s.ModuleRecords > 0 {
		fmt.Fprintf(out, "  warning: %d records of modules that are not here; a start leaves them out\n", s.ModuleRecords)
	}
	if s.MoreBehind {
		fmt.Fprintln(out, "  warning: there are bytes behind its end")
	}
}
