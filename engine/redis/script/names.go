// Names in error texts, found in the source after the error. The interpreter does not keep what an error text needs; errors are rare.

package script

import "github.com/yuin/gopher-lua/ast"

// onLine visits the parts of the running script that stand on a line, with a rewriter that knows the locals around them.
func (s *State) onLine(line int, visit func(r *rewriter, e ast.Expr)) {
	if s.traceOf == nil || line == 0 {
		return
	}
	chunk, err := parseText(s.traceOf.body(), "")
	if err != nil {
		return
	}
	f := finder{line: line, visit: visit}
	f.list(chunk)
}

// finder follows the scopes as rewriter does, without changing anything.
type finder struct {
	r     rewriter
	line  int
	visit func(r *rewriter, e ast.Expr)
}

func (f *finder) list(stmts []ast.Stmt) {
	mark := len(f.r.scopes)
	for _, s := range stmts {
		f.node(s)
		if l, ok := s.(*ast.LocalAssignStmt); ok {
			f.r.declare(l.Names...)
		}
	}
	f.r.scopes = f.r.scopes[:mark]
}

func (f *finder) node(n any) {
	if e, ok := n.(ast.Expr); ok && e.Line() == f.line {
		f.visit(&f.r, e)
	}
	mark := len(f.r.scopes)
	switch n := n.(type) {
	case *ast.FunctionExpr:
		f.r.declare("")
		f.r.declare(n.ParList.Names...)
		f.list(n.Stmts)
	case *ast.DoBlockStmt:
		f.list(n.Stmts)
	case *ast.WhileStmt:
		f.node(n.Condition)
		f.list(n.Stmts)
	case *ast.IfStmt:
		f.node(n.Condition)
		f.list(n.Then)
		f.list(n.Else)
	case *ast.NumberForStmt:
		f.node(n.Init)
		f.node(n.Limit)
		f.r.declare(n.Name)
		f.list(n.Stmts)
	case *ast.GenericForStmt:
		for _, e := range n.Exprs {
			f.node(e)
		}
		f.r.declare(n.Names...)
		f.list(n.Stmts)
	default:
		parts(n, f.node)
	}
	f.r.scopes = f.r.scopes[:mark]
}

// objectOf names what was indexed with key on a line: nothing when there are several.
func (s *State) objectOf(line int, key string) string {
	name, n := "", 0
	s.onLine(line, func(r *rewriter, e ast.Expr) {
		var object ast.Expr
		switch e := e.(type) {
		case *ast.AttrGetExpr:
			if k, ok := e.Key.(*ast.StringExpr); ok && k.Value != key {
				return
			}
			object = e.Object
		case *ast.FuncCallExpr:
			if e.Func != nil || e.Method != key {
				return
			}
			object = e.Receiver
		default:
			return
		}
		name = r.describe(object)
		n++
	})
	if n != 1 {
		return ""
	}
	return name
}

// calleeOf names what was called on a line although it is no function. Calls of what is known to be one do not count.
func (s *State) calleeOf(line int) string {
	name, n := "", 0
	s.onLine(line, func(r *rewriter, e ast.Expr) {
		call, ok := e.(*ast.FuncCallExpr)
		if !ok {
			return
		}
		if call.Func == nil {
			name = "method '" + call.Method + "'"
			n++
			return
		}
		if id, ok := call.Func.(*ast.IdentExpr); ok {
			if found, _ := r.local(id.Value); !found {
				return // a global that is not there has been noticed earlier
			}
		}
		if a, ok := call.Func.(*ast.AttrGetExpr); ok {
			if id, ok := a.Object.(*ast.IdentExpr); ok {
				if k, ok := a.Key.(*ast.StringExpr); ok && libraryNames[id.Value+"."+k.Value] {
					return
				}
			}
		}
		name = r.describe(call.Func)
		n++
	})
	if n != 1 {
		return ""
	}
	return name
}

// calledAsMethod reports that the only call of name on a line is one with a colon.
func (s *State) calledAsMethod(line int, name string) bool {
	colon, plain := 0, 0
	s.onLine(line, func(_ *rewriter, e ast.Expr) {
		call, ok := e.(*ast.FuncCallExpr)
		switch {
		case !ok:
		case call.Func == nil && call.Method == name:
			colon++
		case call.Func != nil:
			if a, ok := call.Func.(*ast.AttrGetExpr); ok {
				if k, ok := a.Key.(*ast.StringExpr); ok && k.Value == name {
					plain++
				}
			}
		}
	})
	return colon > 0 && plain == 0
}

// negatedOf names the operand of the only unary minus on a line.
func (s *State) negatedOf(line int) string {
	return s.onlyOn(line, func(e ast.Expr) ast.Expr {
		if op, ok := e.(*ast.UnaryMinusOpExpr); ok {
			return op.Expr
		}
		return nil
	})
}

// operandOf names an operand of the only arithmetic operator on a line.
func (s *State) operandOf(line int, left bool) string {
	return s.onlyOn(line, func(e ast.Expr) ast.Expr {
		switch op, ok := e.(*ast.ArithmeticOpExpr); {
		case !ok:
			return nil
		case left:
			return op.Lhs
		default:
			return op.Rhs
		}
	})
}

// onlyOn names what find gives of the expressions on a line, if it gives just one.
func (s *State) onlyOn(line int, find func(e ast.Expr) ast.Expr) string {
	name, n := "", 0
	s.onLine(line, func(r *rewriter, e ast.Expr) {
		if found := find(e); found != nil {
			name = r.describe(found)
			n++
		}
	})
	if n != 1 {
		return ""
	}
	return name
}
