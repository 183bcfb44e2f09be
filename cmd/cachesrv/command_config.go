// The sub-commands config and version.

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/engine/redis"
)

func configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check and show the configuration",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(configCheck(), configShow(), configReference())
	return c
}

func configCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE",
		Short:   "Read a configuration file and say whether a server would start with it",
		Example: "  cachesrv config check cachesrv.yaml\n  cachesrv config check /etc/redis/redis.conf",
		Args:    oneFile("config check"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := (&config.Plan{File: args[0]}).Load()
			if err != nil {
				return err
			}
			if err := checkUsers(s); err != nil {
				return err
			}
			for _, w := range s.Warnings() {
				fmt.Fprintln(c.ErrOrStderr(), "warning:", w)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: ok (engine %s)\n", args[0], s.Get("engine"))
			return nil
		},
	}
}

// checkUsers reads the users of a configuration, and the file of users that it names, as a start would. Only the engine knows what rules mean.
func checkUsers(s *config.Settings) error {
	if s.Engine() != config.Redis || s.Get("aclfile") == "" && len(s.Directive("user")) == 0 {
		return nil
	}
	if err := enterDirectory(s); err != nil { // where the file's name starts
		return err
	}
	store, err := core.Open(core.Options{NoActiveSweep: true})
	if err != nil {
		return err
	}
	defer store.Close()
	e, err := redis.New(store, s, hclog.NewNullLogger())
	if err == nil {
		e.Close()
	}
	return err
}

func configShow() *cobra.Command {
	var changed bool
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show every setting's effective value and where it comes from",
		Example: "  cachesrv config show --config=cachesrv.yaml --port=7000\n  cachesrv config show --changed",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := planOf(c).Load()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
			for _, r := range config.Rows() {
				from := s.Source(r.Name)
				if r.Directive || r.Engines&s.Engine() == 0 || changed && from.Layer == config.FromDefault {
					continue
				}
				note := ""
				if r.State == config.NotYet && from.Layer != config.FromDefault {
					note = " (no effect yet)"
				}
				fmt.Fprintf(w, "%s\t%s\t%s%s\n", r.Name, config.QuoteWord(r.Show(s.Get(r.Name))), from, note)
			}
			return w.Flush()
		},
	}
	addSettings(c)
	c.Flags().BoolVar(&changed, "changed", false, "only what is not the default")
	c.SetFlagErrorFunc(flagError)
	return c
}

func configReference() *cobra.Command {
	return &cobra.Command{
		Use:   "reference",
		Short: "Print the reference of all settings in Markdown",
		Args:  noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(c.OutOrStdout(), config.Reference())
			return err
		},
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		Run: func(c *cobra.Command, _ []string) {
			fmt.Fprintln(c.OutOrStdout(), versionText())
		},
	}
}

func versionText() string {
	return fmt.Sprintf("cachesrv %s (redis %s, memcached %s) %s %s/%s", config.Version,
		config.RedisVersion, config.MemcachedVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// absolutePath keeps a file findable after the server changed its directory.
func absolutePath(path string) string {
	if path == "" {
		return ""
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// openLog opens the file that the log goes to.
func openLog(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, errors.New("Can't open the log file: " + config.Cause(err).Error())
	}
	return f, nil
}
