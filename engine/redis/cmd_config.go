// CONFIG: the settings, seen and changed by a client. What they are and mean is config's business.

package redis

import (
	"errors"
	"strings"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/engine/redis/glob"
)

func configCommands() []*command {
	const f = admin | noscript | loading | stale | free
	return []*command{{name: "config", arity: -2, group: "server", since: "2.0.0", cost: "That of the subcommand.", sum: "Commands about the settings.", subs: []*command{
		{name: "get", arity: -3, flags: f, since: "2.0.0", syntax: "parameter:{parameter}...", cost: "O(N), N being the number of patterns", run: cmdCONFIGGET,
			past: []change{{"7.0.0", "Several patterns."}}, sum: "Shows the settings whose names match a pattern."},
		{name: "resetstat", arity: 2, flags: f, since: "2.0.0", cost: "O(1)", sum: "Sets the statistics back to zero.", run: cmdCONFIGRESETSTAT},
		{name: "rewrite", arity: 2, flags: f, since: "2.8.0", cost: "O(1)", sum: "Writes the settings into the configuration file.", run: cmdCONFIGREWRITE},
		{name: "set", arity: -4, flags: f, since: "2.0.0", syntax: "parameter_value:{parameter value}...", cost: "O(N), N being the number of settings", run: cmdCONFIGSET,
			tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			past: []change{{"7.0.0", "Several settings."}}, sum: "Changes settings, all or none."},
		{name: "help", arity: 2, flags: loading | stale | free, since: "5.0.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdCONFIGHELP},
	}}}
}

// CONFIG GET parameter [parameter …]
func cmdCONFIGGET(c *client) error {
	type pair struct{ name, value string }
	var found []pair
	c.e.settings.Each(func(name string, v *config.Value) bool {
		for _, pattern := range c.args[2:] {
			if !glob.MatchFold(pattern, []byte(name)) {
				continue
			}
			if len(pattern) == len(name) { // a plain name comes back as the client spelled it
				name = string(pattern)
			}
			found = append(found, pair{name, v.Text()})
			break
		}
		return true
	})
	c.mapping(len(found))
	for _, p := range found {
		c.bulkString(p.name)
		c.bulkString(p.value)
	}
	return nil
}

// CONFIG SET parameter value [parameter value …]
func cmdCONFIGSET(c *client) error {
	if len(c.args)%2 != 0 {
		return errSyntax
	}
	pairs := make([]config.Pair, 0, len(c.args)/2-1)
	for i := 2; i < len(c.args); i += 2 {
		pairs = append(pairs, config.Pair{Name: string(c.args[i]), Text: string(c.args[i+1])})
		if row := settingRow(pairs[len(pairs)-1].Name); row == nil || row.Secret {
			c.redact(i + 1) // a misspelled name may stand before a secret
		}
	}
	protected := c.allows("enable-protected-configs")
	err := checkNames(pairs, protected)
	if err == nil {
		err = c.e.settings.SetMany(pairs, protected)
	}
	var set *config.SetError
	switch {
	case err == nil:
		c.ok()
		return nil
	case errors.Is(err, config.ErrUnknown) && errors.As(err, &set):
		return errorf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", cstr([]byte(set.Name), len(set.Name)))
	case errors.As(err, &set):
		return errorf("ERR CONFIG SET failed (possibly related to argument '%s') - %v", strings.ToLower(set.Name), set.Err)
	}
	return errorf("ERR CONFIG SET failed - %v", err)
}

// settingRow finds a setting of this engine that CONFIG may name.
func settingRow(name string) *config.Row {
	row := config.Find(strings.ToLower(name))
	if row == nil || row.Directive || row.Engines&config.Redis == 0 {
		return nil
	}
	return row
}

// checkNames looks at all names before the first value is looked at, as the real server does.
func checkNames(pairs []config.Pair, protected bool) error {
	for i, p := range pairs {
		row := settingRow(p.Name)
		var err error
		switch {
		case row == nil:
			err = config.ErrUnknown
		case !row.Live:
			err = config.ErrImmutable
		case row.Protected && !protected:
			err = config.ErrProtected
		}
		for _, earlier := range pairs[:i] {
			if err == nil && settingRow(earlier.Name) == row {
				err = config.ErrDuplicate
			}
		}
		if err != nil {
			return &config.SetError{Index: i, Name: p.Name, Err: err}
		}
	}
	return nil
}

// CONFIG RESETSTAT
func cmdCONFIGRESETSTAT(c *client) error {
	c.e.resetStats()
	c.ok()
	return nil
}

// CONFIG REWRITE
func cmdCONFIGREWRITE(c *client) error {
	switch err := c.e.settings.Rewrite(); {
	case errors.Is(err, config.ErrNoFile):
		return errNoRewrite
	case err != nil:
		c.e.log.Warn("CONFIG REWRITE failed", "error", err)
		return errorf("ERR Rewriting config file: %v", err)
	}
	c.e.log.Info("CONFIG REWRITE done")
	c.ok()
	return nil
}

// CONFIG HELP
func cmdCONFIGHELP(c *client) error {
	c.help(
		"GET <pattern>", "    Settings whose names match, with their values. There may be several patterns.",
		"SET <directive> <value>", "    Change a setting, or several at once: all or none.",
		"RESETSTAT", "    Set the statistics of INFO back to zero.",
		"REWRITE", "    Write the settings into the configuration file.")
	return nil
}
