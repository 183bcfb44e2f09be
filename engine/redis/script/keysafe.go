// Key-safe scripts: those of which the text tells that they touch no key but the declared ones.

package script

import (
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// keySafe proves that every command of a script is written as redis.call("name", ...) and gets its keys from KEYS. It refuses whatever it does not
// understand; then the script runs while nobody else is in the store, which is always right.
func keySafe(src string, keys KeyPositions) (safe bool, commands []string) {
	chunk, err := parseText(src, "")
	if err != nil {
		return false, nil
	}
	k := keyProof{positions: keys, name: "KEYS", safe: true}
	k.prove(chunk)
	return k.safe, k.commands
}

// librarySafe proves the same of all functions of a library, which get their keys as the first parameter: every function that is registered is
// written out where it is, they all call that parameter alike, and nothing else is called so.
func librarySafe(body string, keys KeyPositions) bool {
	chunk, err := parseText(body, "")
	if err != nil {
		return false
	}
	k := keyProof{positions: keys, safe: true}
	callbacks := 0
	var node func(n any)
	node = func(n any) {
		if call, ok := n.(*ast.FuncCallExpr); ok && isField(call.Func, "redis", "register_function") {
			callbacks++
			if name := keysParameter(call); name == "" || k.name != "" && k.name != name {
				k.safe = false
			} else {
				k.name = name
			}
		}
		parts(n, node)
	}
	for _, s := range chunk {
		node(s)
	}
	if !k.safe || callbacks == 0 {
		return false
	}
	k.declared = callbacks
	k.prove(chunk)
	return k.safe
}

// keysParameter is the name of the first parameter of the function that a call registers, "" if the call does not show it.
func keysParameter(call *ast.FuncCallExpr) string {
	var callback ast.Expr
	switch len(call.Args) {
	case 1:
		table, ok := call.Args[0].(*ast.TableExpr)
		if !ok {
			return ""
		}
		for _, f := range table.Fields {
			if key, ok := f.Key.(*ast.StringExpr); ok && key.Value == "callback" {
				if callback != nil {
					return ""
				}
				callback = f.Value
			}
		}
	case 2:
		callback = call.Args[1]
	}
	f, ok := callback.(*ast.FunctionExpr)
	if !ok {
		return ""
	}
	if len(f.ParList.Names) == 0 {
		return "" // its keys may be in "..."
	}
	return f.ParList.Names[0]
}

// isField recognizes object.name written out.
func isField(e ast.Expr, object, name string) bool {
	a, ok := e.(*ast.AttrGetExpr)
	if !ok || !isName(a.Object, object) {
		return false
	}
	key, ok := a.Key.(*ast.StringExpr)
	return ok && key.Value == name
}

// keyProof takes every name of the text as one variable: two locals of the same name make neither of them a key.
type keyProof struct {
	positions KeyPositions
	name      string // of the table of keys
	declared  int    // how often it must be declared: once by each callback of a library
	safe      bool
	commands  []string
	assigned  map[string]int      // how often a name is declared or assigned
	values    map[string]ast.Expr // of names declared as locals with a value of their own
}

func (k *keyProof) prove(chunk []ast.Stmt) {
	k.count(chunk)
	for _, s := range chunk {
		k.node(s)
	}
}

// count notes every declaration and assignment.
func (k *keyProof) count(chunk []ast.Stmt) {
	k.assigned, k.values = map[string]int{}, map[string]ast.Expr{}
	var node func(n any)
	node = func(n any) {
		switch n := n.(type) {
		case *ast.LocalAssignStmt:
			for i, name := range n.Names {
				k.assigned[name]++
				if i < len(n.Exprs) {
					k.values[name] = n.Exprs[i]
				}
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if id, ok := e.(*ast.IdentExpr); ok {
					k.assigned[id.Value]++
				}
				if k.names(e, k.name) {
					k.safe = false // KEYS[1] = "other"
				}
			}
		case *ast.NumberForStmt:
			k.assigned[n.Name]++
		case *ast.GenericForStmt:
			for i, name := range n.Names {
				k.assigned[name]++
				if i == 1 && len(n.Exprs) == 1 && k.overKeys(n.Exprs[0]) {
					k.values[name] = k.element()
				}
			}
		case *ast.FunctionExpr:
			for _, name := range n.ParList.Names {
				k.assigned[name]++
			}
		}
		parts(n, node)
	}
	for _, s := range chunk {
		node(s)
	}
	if k.assigned["redis"] > 0 || k.assigned["ipairs"] > 0 || k.assigned[k.name] != k.declared {
		k.safe = false
	}
}

// element stands for the values that ipairs(KEYS) gives.
func (k *keyProof) element() ast.Expr {
	return &ast.AttrGetExpr{Object: &ast.IdentExpr{Value: k.name}, Key: &ast.NumberExpr{Value: "1"}}
}

// overKeys recognizes ipairs(KEYS).
func (k *keyProof) overKeys(e ast.Expr) bool {
	call, ok := e.(*ast.FuncCallExpr)
	if !ok || !isName(call.Func, "ipairs") || len(call.Args) != 1 {
		return false
	}
	return isName(call.Args[0], k.name)
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.IdentExpr)
	return ok && id.Value == name
}

// names reports that a name occurs anywhere in e.
func (k *keyProof) names(e any, name string) bool {
	if id, ok := e.(*ast.IdentExpr); ok {
		return id.Value == name
	}
	found := false
	parts(e, func(p any) { found = found || k.names(p, name) })
	return found
}

// forbidden are ways to KEYS, or to commands, that the text does not show.
var forbidden = map[string]bool{"_G": true, "loadstring": true, "load": true, "rawset": true, "getmetatable": true, "setmetatable": true, "coroutine": true}

func (k *keyProof) node(n any) {
	if !k.safe {
		return
	}
	switch n := n.(type) {
	case *ast.IdentExpr:
		// Reached only where no case below has dealt with it.
		if n.Value == "redis" || n.Value == k.name || forbidden[n.Value] {
			k.safe = false
		}
		return
	case *ast.UnaryLenOpExpr:
		if isName(n.Expr, k.name) {
			return
		}
	case *ast.AttrGetExpr:
		if isName(n.Object, k.name) {
			k.node(n.Key)
			return
		}
		if isName(n.Object, "redis") {
			if key, ok := n.Key.(*ast.StringExpr); !ok || key.Value == "call" || key.Value == "pcall" {
				k.safe = false // not called at once, or a name that is not known
			}
			return
		}
	case *ast.FuncCallExpr:
		if a, ok := n.Func.(*ast.AttrGetExpr); ok && isName(a.Object, "redis") {
			if key, ok := a.Key.(*ast.StringExpr); ok && (key.Value == "call" || key.Value == "pcall") {
				k.call(n)
				return
			}
		}
		if k.overKeys(n) {
			return
		}
		if isName(n.Func, "unpack") {
			// As plain data the elements are harmless; where keys are expected, isKey refuses it.
			for _, a := range n.Args {
				if !isName(a, k.name) {
					k.node(a)
				}
			}
			k.node(n.Func)
			return
		}
	}
	parts(n, k.node)
}

// openWords stand for the values of a call or of "..." at the end of the arguments.
const openWords = 16

// call checks one redis.call.
func (k *keyProof) call(n *ast.FuncCallExpr) {
	if len(n.Args) == 0 {
		return
	}
	words := make([]*string, len(n.Args))
	for i, a := range n.Args {
		switch a := a.(type) {
		case *ast.StringExpr:
			words[i] = &a.Value
		case *ast.NumberExpr:
			words[i] = &a.Value
		}
	}
	if words[0] == nil {
		k.safe = false
		return
	}
	last := n.Args[len(n.Args)-1]
	open := false
	switch e := last.(type) {
	case *ast.FuncCallExpr:
		open = !e.AdjustRet
	case *ast.Comma3Expr:
		open = true
	}
	if open {
		// Any number of values may come: keys among them have positions beyond the words.
		words = append(words, make([]*string, openWords)...)
	}
	at, ok := k.positions(words)
	if !ok {
		k.safe = false
		return
	}
	isKey := map[int]bool{}
	for _, i := range at {
		if i >= len(n.Args) || open && i >= len(n.Args)-1 || !k.isKey(n.Args[i], 0) {
			k.safe = false
			return
		}
		isKey[i] = true
	}
	k.commands = append(k.commands, strings.ToLower(*words[0]))
	for i, a := range n.Args {
		if !isKey[i] {
			k.node(a)
		} else if g, ok := a.(*ast.AttrGetExpr); ok {
			k.node(g.Key)
		}
	}
}

// isKey reports that an expression is an element of KEYS.
func (k *keyProof) isKey(e ast.Expr, depth int) bool {
	switch e := e.(type) {
	case *ast.AttrGetExpr:
		return isName(e.Object, k.name)
	case *ast.IdentExpr:
		v := k.values[e.Value]
		return v != nil && k.assigned[e.Value] == 1 && depth < 8 && k.isKey(v, depth+1)
	}
	return false
}
