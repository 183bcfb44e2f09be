// MODULE: this server loads none, and says so as one that has none.

package redis

func moduleCommands() []*command {
	const change = admin | noscript | noAsyncLoading | guarded | free
	return []*command{{name: "module", arity: -2, group: "server", since: "4.0.0", cost: "That of the subcommand.", sum: "Commands about modules.", subs: []*command{
		{name: "help", arity: 2, flags: loading | stale | free, since: "5.0.0", cost: "O(1)", sum: "Lists the subcommands.", run: cmdMODULEHELP},
		{name: "list", arity: 2, flags: admin | noscript | free, since: "4.0.0", cost: "O(N), N being the number of modules", tips: []string{"nondeterministic_output_order"},
			sum: "Lists the modules loaded.", run: cmdMODULELIST},
		{name: "load", arity: -3, flags: change, since: "4.0.0", syntax: "path [arg...]", cost: "O(1)", sum: "Loads a module.", run: cmdMODULELOAD},
		{name: "loadex", arity: -3, flags: change, since: "7.0.0", syntax: `path ["CONFIG" configs:{name value}+...] ["ARGS" args:{arg}...]`, cost: "O(1)",
			sum: "Loads a module with settings.", run: cmdMODULELOAD},
		{name: "unload", arity: 3, flags: change, since: "4.0.0", syntax: "name", cost: "O(1)", sum: "Removes a module.", run: cmdMODULEUNLOAD},
	}}}
}

// MODULE LIST
func cmdMODULELIST(c *client) error {
	c.array(0)
	return nil
}

// MODULE LOAD path [arg …]; MODULE LOADEX path [CONFIG name value …] [ARGS arg …]
func cmdMODULELOAD(c *client) error {
	c.e.log.Warn("MODULE: this server cannot load modules", "path", string(c.args[2]))
	return replyError("ERR Error loading the extension. Please check the server logs.")
}

// MODULE UNLOAD name
func cmdMODULEUNLOAD(*client) error {
	return replyError("ERR Error unloading module: no such module with that name")
}

// MODULE HELP
func cmdMODULEHELP(c *client) error {
	c.help(
		"LIST", "    Modules that are loaded; here always none.",
		"LOAD <path> [<arg> ...]", "    Load the module at <path>. This server cannot.",
		"LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]", "    The same with settings for the module.",
		"UNLOAD <name>", "    Remove a module.")
	return nil
}
