// The command line of cachesrv itself: the root command starts a server, the sub-commands serve whoever runs it.

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cachesrv/cachesrv/cmd/cachesrv/bench"
	"github.com/cachesrv/cachesrv/config"
)

// exitStatus is an error that carries the status to end with; the empty text prints nothing.
type exitStatus struct {
	status int
	text   string
}

func (e *exitStatus) Error() string { return e.text }

func runAsCachesrv(args []string) int {
	root := rootCommand()
	root.SetArgs(config.JoinSwitches(args))
	err := root.Execute()
	var end *exitStatus
	switch {
	case err == nil:
		return 0
	case brokenOutput(err):
		return 1
	case errors.As(err, &end):
		if end.text != "" {
			fmt.Fprintln(os.Stderr, "cachesrv:", end.text)
		}
		return end.status
	}
	fmt.Fprintln(os.Stderr, "cachesrv:", explained(err))
	return 1
}

// brokenOutput tells whether a command's reader has seen enough, as head does. That is not worth a word.
func brokenOutput(err error) bool {
	var at *fs.PathError
	return errors.Is(err, syscall.EPIPE) && errors.As(err, &at) && at.Path == os.Stdout.Name()
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "cachesrv",
		Short: "A cache server that speaks redis or memcached",
		Long: `cachesrv is a cache server that speaks the protocol of redis or of memcached.

Without a sub-command it starts the server. Every setting can be written as a flag, as an environment variable
(CACHESRV_ and the name in capitals) and in a file (YAML, TOML, or redis.conf syntax). A flag wins over the
environment, the environment over the file, the file over the default.

Called through a link named redis-server or memcached it takes that server's own arguments.`,
		Example: `  cachesrv --engine=redis --maxmemory=1gb --maxmemory-policy=allkeys-lru
  cachesrv --engine=memcached --maxmemory=256mb --port=11211
  cachesrv --config=cachesrv.yaml
  CACHESRV_PORT=7000 cachesrv
  cachesrv config show --config=cachesrv.yaml`,
		Args:              noArguments,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		RunE: func(c *cobra.Command, _ []string) error {
			return startServer(&launch{plan: planOf(c), style: plainStyle{}})
		},
	}
	addSettings(root)
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", ".FlagUsagesWrapped 120 "))
	root.Version = versionText()
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(configCommand(), checkCommand(), versionCommand(), keysCommand(), restoreCommand(), backupCommand(), bench.Command())
	return root
}

// noArguments refuses stray words: they are mostly misspelt sub-commands, flags without their dashes, or what other servers are started with.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word := args[0]
	text := fmt.Sprintf("unknown command %q", word)
	if !c.HasSubCommands() {
		text = fmt.Sprintf("unexpected word %q", word)
	}
	switch near := c.SuggestionsFor(word); {
	case len(near) > 0:
		text += fmt.Sprintf("; did you mean %s?", near[0])
	case c.HasParent():
	case word == "redis" || word == "memcached":
		text += fmt.Sprintf("; to start that server: cachesrv --engine=%s", word)
	case isFile(word):
		text += fmt.Sprintf("; to start with this configuration: cachesrv --config=%s", word)
	default:
		text += "; the server is started by flags alone, as in cachesrv --engine=redis --port=7000"
	}
	return fmt.Errorf("%s (see %s --help)", text, c.CommandPath())
}

// oneFile is the arguments of a command that is about one file.
func oneFile(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes the name of one file, not %d", command, len(args))
		}
		return nil
	}
}

func isFile(path string) bool {
	about, err := os.Stat(path)
	return err == nil && about.Mode().IsRegular()
}

// flagError says what would have been right: the flag that is nearest to one that does not exist, the long name of one of
// memcached's letters.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		letter := unknown.GetSpecifiedName()
		if name := config.ByLetter(letter); name != "" {
			return fmt.Errorf("unknown flag -%s; memcached's -%s is --%s here, and works as it is through a link named memcached", letter, letter, name)
		}
		return fmt.Errorf("unknown flag -%s; flags have two dashes and whole names (see %s --help)", letter, c.CommandPath())
	case errors.As(err, &unknown):
		if near := config.Nearest(unknown.GetSpecifiedName()); near != "" {
			return fmt.Errorf("unknown flag --%s; did you mean --%s?", unknown.GetSpecifiedName(), near)
		}
	case config.Hint(err) != "":
		return err
	}
	return fmt.Errorf("%w (see %s --help)", err, c.CommandPath())
}

// explained is an error's text, and what would have been right where redis's words do not say it.
func explained(err error) string {
	if hint := config.Hint(err); hint != "" {
		return err.Error() + "; " + hint
	}
	return err.Error()
}

// addSettings defines the flags that all commands about a start share.
func addSettings(c *cobra.Command) {
	flags := c.Flags()
	flags.String("config", "", "configuration file: .yaml, .toml, anything else is redis.conf syntax")
	config.AddFlags(flags)
	for _, r := range config.Rows() {
		if choices := r.Choices(); choices != nil && !r.Directive {
			_ = c.RegisterFlagCompletionFunc(r.Name, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

// planOf collects where a command's settings come from.
func planOf(c *cobra.Command) *config.Plan {
	file, _ := c.Flags().GetString("config")
	if file == "" {
		file = os.Getenv(config.EnvFile)
	}
	return &config.Plan{File: absolutePath(file), Env: os.Environ(), Flags: config.FromFlags(c.Flags())}
}
