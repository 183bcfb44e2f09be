// Rewriting the syntax tree before it is compiled: what the sandbox needs, and a short cut to library functions.

package script

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// Names that a script cannot write, for what rewriting puts in.
const (
	concatName = "\x00concat" // the function that .. calls
	lengthName = "\x00length" // the function that # calls
	boundName  = "\x00bound"  // the function that a numeric loop's bounds go through
	assignName = "\x00assign" // not in the environment: assigning to it raises
)

// libraries whose functions are also globals of the environment under "string.rep": as nobody can change a library, "string.rep"
// written out means just that, and costs one look-up instead of three.
var libraries = map[string]bool{"redis": true, "string": true, "table": true, "math": true, "cjson": true, "cmsgpack": true, "struct": true, "bit": true, "coroutine": true}

// rewriter replaces, in place:
//   - a .. b .. c by a call of the concatenation function, which knows the quota;
//   - #t by a call: elements beyond the interpreter's arrays count too;
//   - the bounds of a numeric loop by a call each, unless they are numbers for sure: texts may be numbers;
//   - an assignment to a global by one that fails, because globals are sealed;
//   - string.rep by the name under which the environment has it;
//   - numbers that Lua reads differently than the compiler.
type rewriter struct {
	scopes  []string // local names, innermost last; "" begins a function
	usesArg bool     // the old name of a function's further arguments occurs
	line    int
	err     string
}

func rewrite(chunk []ast.Stmt) *rewriter {
	r := &rewriter{}
	r.block(chunk)
	return r
}

// local tells whether a name is a local, and of an enclosing function (up).
func (r *rewriter) local(name string) (found, up bool) {
	for i := len(r.scopes) - 1; i >= 0; i-- {
		if r.scopes[i] == "" {
			up = true
		} else if r.scopes[i] == name {
			return true, up
		}
	}
	return false, false
}

func (r *rewriter) declare(names ...string) { r.scopes = append(r.scopes, names...) }

func (r *rewriter) block(stmts []ast.Stmt) {
	mark := len(r.scopes)
	for _, s := range stmts {
		if _, ok := s.(*ast.LabelStmt); ok && r.err == "" {
			// What 5.1 calls a name and the compiler a keyword.
			r.line, r.err = s.Line(), "unexpected symbol near '::'"
		}
		r.stmt(s)
	}
	r.scopes = r.scopes[:mark]
}

func (r *rewriter) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		for i, e := range s.Lhs {
			s.Lhs[i] = r.target(e)
		}
		r.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		if len(s.Names) == 1 && len(s.Exprs) == 1 {
			if _, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
				r.declare(s.Names[0]) // the compiler does the same
				r.exprs(s.Exprs)
				return
			}
		}
		r.exprs(s.Exprs)
		r.declare(s.Names...)
	case *ast.FuncCallStmt:
		s.Expr = r.expr(s.Expr)
	case *ast.DoBlockStmt:
		r.block(s.Stmts)
	case *ast.WhileStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Stmts)
		s.Stmts = landing(s, s.Stmts)
	case *ast.RepeatStmt:
		mark := len(r.scopes)
		for _, st := range s.Stmts {
			r.stmt(st)
		}
		s.Condition = r.expr(s.Condition)
		s.Stmts = landing(s, s.Stmts)
		r.scopes = r.scopes[:mark]
	case *ast.IfStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Then)
		r.block(s.Else)
	case *ast.NumberForStmt:
		s.Init, s.Limit = r.bound(s.Init), r.bound(s.Limit)
		if s.Step != nil {
			s.Step = r.bound(s.Step)
		}
		r.declare(s.Name)
		r.block(s.Stmts)
		r.scopes = r.scopes[:len(r.scopes)-1]
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		mark := len(r.scopes)
		r.declare(s.Names...)
		r.block(s.Stmts)
		s.Stmts = landing(s, s.Stmts)
		r.scopes = r.scopes[:mark]
	case *ast.FuncDefStmt:
		if s.Name.Func != nil {
			s.Name.Func = r.target(s.Name.Func)
			r.function(s.Func)
		} else {
			s.Name.Receiver = r.expr(s.Name.Receiver)
			r.function(s.Func, "self")
		}
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
}

// target is the left side of an assignment. A library's function stays a field there: the library is sealed, the short cut's name is not.
func (r *rewriter) target(e ast.Expr) ast.Expr {
	switch n := e.(type) {
	case *ast.IdentExpr:
		if found, _ := r.local(n.Value); !found {
			n.Value = assignName
		}
	case *ast.AttrGetExpr:
		n.Object, n.Key = r.expr(n.Object), r.expr(n.Key)
	}
	return e
}

func (r *rewriter) function(f *ast.FunctionExpr, implied ...string) {
	mark := len(r.scopes)
	r.declare("")
	r.declare(implied...)
	r.declare(f.ParList.Names...)
	if f.ParList.HasVargs {
		r.declare("arg")
	}
	r.block(f.Stmts)
	r.scopes = r.scopes[:mark]
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i, e := range list {
		list[i] = r.expr(e)
	}
}

func (r *rewriter) expr(e ast.Expr) ast.Expr {
	switch n := e.(type) {
	case *ast.IdentExpr:
		r.usesArg = r.usesArg || n.Value == "arg"
	case *ast.NumberExpr:
		n.Value = r.number(n)
	case *ast.AttrGetExpr:
		if id, ok := n.Object.(*ast.IdentExpr); ok && libraries[id.Value] {
			if key, ok := n.Key.(*ast.StringExpr); ok && libraryNames[id.Value+"."+key.Value] {
				if found, _ := r.local(id.Value); !found {
					id.Value += "." + key.Value
					return id
				}
			}
		}
		n.Object, n.Key = r.expr(n.Object), r.expr(n.Key)
	case *ast.TableExpr:
		for _, f := range n.Fields {
			if f.Key != nil {
				f.Key = r.expr(f.Key)
			}
			f.Value = r.expr(f.Value)
		}
	case *ast.FuncCallExpr:
		if n.Func != nil {
			n.Func = r.expr(n.Func)
		} else {
			n.Receiver = r.expr(n.Receiver)
		}
		r.exprs(n.Args)
	case *ast.LogicalOpExpr:
		n.Lhs, n.Rhs = r.expr(n.Lhs), r.expr(n.Rhs)
	case *ast.RelationalOpExpr:
		n.Lhs, n.Rhs = r.expr(n.Lhs), r.expr(n.Rhs)
	case *ast.StringConcatOpExpr:
		return r.concat(n)
	case *ast.ArithmeticOpExpr:
		n.Lhs, n.Rhs = r.expr(n.Lhs), r.expr(n.Rhs)
	case *ast.UnaryMinusOpExpr:
		n.Expr = r.expr(n.Expr)
	case *ast.UnaryNotOpExpr:
		n.Expr = r.expr(n.Expr)
	case *ast.UnaryLenOpExpr:
		return r.length(n)
	case *ast.FunctionExpr:
		r.function(n)
	}
	return e
}

// maxOperands of one call of the concatenation function: they lie in registers.
const maxOperands = 60

// concat makes a call of a chain of .. operators. Its first argument names the operands for error texts.
func (r *rewriter) concat(n *ast.StringConcatOpExpr) ast.Expr {
	var operands []ast.Expr
	var rest ast.Expr = n
	for len(operands) < maxOperands {
		c, ok := rest.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		operands = append(operands, c.Lhs)
		rest = c.Rhs
	}
	operands = append(operands, rest)
	names := make([]string, len(operands))
	for i, o := range operands {
		names[i] = r.describe(o)
		operands[i] = single(r.expr(o))
	}
	named := ""
	if strings.Join(names, "") != "" {
		named = strings.Join(names, "\x00")
	}
	return hidden(n, concatName, named, operands)
}

// length makes a call of a # operator.
func (r *rewriter) length(n *ast.UnaryLenOpExpr) ast.Expr {
	name := r.describe(n.Expr)
	return hidden(n, lengthName, name, []ast.Expr{single(r.expr(n.Expr))})
}

// bound makes a call of what a numeric loop begins, ends or steps with.
func (r *rewriter) bound(e ast.Expr) ast.Expr {
	switch e.(type) {
	case *ast.NumberExpr, *ast.ArithmeticOpExpr, *ast.UnaryLenOpExpr, *ast.UnaryMinusOpExpr:
		return r.expr(e)
	}
	return hidden(e, boundName, "", []ast.Expr{single(r.expr(e))})
}

// single makes an expression one value, whatever it gives.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

// hidden is a call, in the place of at, of a function that scripts cannot name.
func hidden(at ast.Expr, function, names string, operands []ast.Expr) ast.Expr {
	fn, list := &ast.IdentExpr{Value: function}, &ast.StringExpr{Value: names}
	call := &ast.FuncCallExpr{Func: fn, Args: append([]ast.Expr{list}, operands...), AdjustRet: true}
	for _, p := range []ast.PositionHolder{fn, list, call} {
		p.SetLine(at.Line())
		p.SetLastLine(at.LastLine())
	}
	return call
}

// describe names an operand as Lua's error texts do, "" for one without a name.
func (r *rewriter) describe(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		switch found, up := r.local(e.Value); {
		case !found:
			return "global '" + e.Value + "'"
		case up:
			return "upvalue '" + e.Value + "'"
		default:
			return "local '" + e.Value + "'"
		}
	case *ast.AttrGetExpr:
		if key, ok := e.Key.(*ast.StringExpr); ok {
			return "field '" + key.Value + "'"
		}
		return "field '?'"
	}
	return ""
}

// number is a constant as the compiler reads it like Lua: "010" is ten there.
func (r *rewriter) number(n *ast.NumberExpr) string {
	f, ok := toNumber(n.Value)
	if !ok {
		if r.err == "" {
			r.line, r.err = n.Line(), "malformed number near '"+strings.TrimRight(n.Value, "\xff")+"'" // the scanner takes the end of the text into it
		}
		return "0"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// landing makes sure that a loop's body does not begin with a jump: the compiler, which shortens jumps to jumps, takes the first for one that it has
// not placed yet when it comes to the jump back, and sends that anywhere.
func landing(loop ast.Stmt, body []ast.Stmt) []ast.Stmt {
	if len(body) > 0 && plain(body[0]) {
		return body
	}
	nothing := &ast.LocalAssignStmt{Names: []string{landingName}, Exprs: []ast.Expr{&ast.NilExpr{}}}
	block := &ast.DoBlockStmt{Stmts: []ast.Stmt{nothing}}
	line := loop.Line()
	if len(body) > 0 {
		line = body[0].Line()
	}
	for _, p := range []ast.PositionHolder{nothing, nothing.Exprs[0], block} {
		p.SetLine(line)
		p.SetLastLine(line)
	}
	return append([]ast.Stmt{block}, body...)
}

const landingName = "\x00landing"

// plain statements begin with an instruction that is no jump.
func plain(s ast.Stmt) bool {
	first := func(list []ast.Expr) bool {
		for _, e := range list {
			switch e.(type) {
			case *ast.LogicalOpExpr, *ast.UnaryNotOpExpr, *ast.RelationalOpExpr:
				return false
			}
		}
		return len(list) > 0
	}
	switch s := s.(type) {
	case *ast.FuncCallStmt:
		return true
	case *ast.LocalAssignStmt:
		return first(s.Exprs)
	case *ast.AssignStmt:
		return first(s.Rhs)
	}
	return false
}
