// Settings of encryption at rest.

package config

func encryptionRows() []Row {
	return []Row{
		{Name: "encryption-key-file", Kind: Text("path", nil), Engines: Redis,
			Doc: "Encrypt every file that the data is kept in, under keys that the key in this file wraps: 32 bytes, plain or in hexadecimal or base64; `cachesrv keys create` makes one. Whoever loses it loses the data. Files of before are made readable by `cachesrv keys encrypt`."},
		{Name: "encryption-key-command", Kind: Text("command", nil), Engines: Redis,
			Doc: "As encryption-key-file, with a key that only a key service knows: a program and its arguments, which is run with `wrap` behind them to wrap a key (base64 on its standard input, anything on its standard output) and with `unwrap` for the way back."},
	}
}
