// Compiling: from a text to a Script.

package script

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// Script is a checked and compiled text. It is never changed: any number of States may run it at once.
type Script struct {
	SHA    string
	Source string
	Flags  Flags
	// Safe: every command is written out, and its keys are elements of KEYS. Commands lists them, in lower case.
	Safe     bool
	Commands []string

	proto *lua.FunctionProto
	usesG bool // _G may be looked at
}

// KeyPositions tells which words of a command are keys: words holds the ones known at compile time, nil for others, and the name first. ok is
// false if that cannot be told.
type KeyPositions func(words []*string) (keys []int, ok bool)

// Digest is the name of a script: its SHA-1 in hexadecimal.
func Digest(src []byte) string {
	sum := sha1.Sum(src)
	return hex.EncodeToString(sum[:])
}

// Compile checks and compiles an EVAL text. The error's text is what the client gets.
func Compile(src string, keys KeyPositions) (*Script, error) {
	setup()
	flags, err := header(src)
	if err != nil {
		return nil, err
	}
	body := src
	if flags&hasHeader != 0 {
		body = body[strings.IndexByte(src, '\n'):]
	}
	unit, err := compile(body, "user_script")
	if err != nil {
		return nil, fmt.Errorf("ERR Error compiling script (new function): %w", err)
	}
	sc := &Script{SHA: Digest([]byte(src)), Source: src, Flags: flags, proto: unit.proto, usesG: strings.Contains(src, "_G") || strings.Contains(src, "load")}
	if keys != nil {
		sc.Safe, sc.Commands = keySafe(body, keys)
	}
	return sc, nil
}

// unit is compiled text.
type unit struct {
	proto *lua.FunctionProto
}

// compile turns text into code. The chunk is rewritten first, see rewrite.go.
func compile(src, name string) (u unit, err error) {
	chunk, err := parseText(src, name)
	if err != nil {
		return unit{}, err
	}
	defer func() {
		// The compiler panics on what it cannot express; none of that is ours to end the process for.
		if r := recover(); r != nil {
			err = fmt.Errorf("%s:1: %v", name, r)
		}
	}()
	r := rewrite(chunk)
	if r.err != "" {
		return unit{}, fmt.Errorf("%s:%d: %s", name, r.line, r.err)
	}
	u.proto, err = lua.Compile(chunk, name)
	if err != nil {
		var ce *lua.CompileError
		if errors.As(err, &ce) {
			near := ""
			if strings.HasPrefix(ce.Message, "cannot use '...'") {
				near = " near '...'"
			}
			return unit{}, fmt.Errorf("%s:%d: %s%s", name, ce.Line, ce.Message, near)
		}
		return unit{}, err
	}
	u.proto.IsVarArg &^= lua.VarArgNeedsArg // a chunk has no table of its arguments
	if !r.usesArg {
		noArgTables(u.proto)
	}
	return u, nil
}

// noArgTables saves functions the table that Lua 5.0 gave them.
func noArgTables(p *lua.FunctionProto) {
	p.IsVarArg &^= lua.VarArgNeedsArg
	for _, inner := range p.FunctionPrototypes {
		noArgTables(inner)
	}
}

// parseText parses, with Lua's words for what is wrong.
func parseText(src, name string) (chunk []ast.Stmt, err error) {
	if strings.HasPrefix(src, lua.LuaVersion) || strings.HasPrefix(src, "\x1b") {
		return nil, fmt.Errorf("%s: bad code", name)
	}
	if len(src) > maxSource {
		return nil, fmt.Errorf("%s:1: chunk is too long", name)
	}
	if tooDeep(src) {
		return nil, fmt.Errorf("%s:1: chunk has too many syntax levels", name)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s:1: %v", name, r)
		}
	}()
	chunk, err = parse.Parse(strings.NewReader(src), name)
	if err == nil {
		if !shallow(chunk) {
			return nil, fmt.Errorf("%s:1: chunk has too many syntax levels", name)
		}
		return chunk, nil
	}
	pe, ok := err.(*parse.Error)
	if !ok {
		return nil, err
	}
	line, token := pe.Pos.Line, pe.Token
	if line == parse.EOF {
		line, token = 1+strings.Count(strings.TrimRight(src, "\n"), "\n"), ""
	}
	if token == "" {
		token = "<eof>"
	}
	text := "syntax error"
	if strings.HasPrefix(pe.Message, "unterminated") {
		text = "unfinished string"
	}
	return nil, fmt.Errorf("%s:%d: %s near '%s'", name, line, text, token)
}

// body is the text without its first line's declaration, lines kept.
func (sc *Script) body() string {
	if sc.Flags&hasHeader != 0 {
		return sc.Source[strings.IndexByte(sc.Source, '\n'):]
	}
	return sc.Source
}
