// Walking the syntax tree.

package script

import "github.com/yuin/gopher-lua/ast"

// parts calls visit for every direct part of a node that is a statement or an expression.
func parts(node any, visit func(any)) {
	exprs := func(list []ast.Expr) {
		for _, e := range list {
			visit(e)
		}
	}
	stmts := func(list []ast.Stmt) {
		for _, s := range list {
			visit(s)
		}
	}
	one := func(e ast.Expr) {
		if e != nil {
			visit(e)
		}
	}
	switch n := node.(type) {
	case *ast.AttrGetExpr:
		one(n.Object)
		one(n.Key)
	case *ast.TableExpr:
		for _, f := range n.Fields {
			one(f.Key)
			one(f.Value)
		}
	case *ast.FuncCallExpr:
		one(n.Func)
		one(n.Receiver)
		exprs(n.Args)
	case *ast.LogicalOpExpr:
		one(n.Lhs)
		one(n.Rhs)
	case *ast.RelationalOpExpr:
		one(n.Lhs)
		one(n.Rhs)
	case *ast.StringConcatOpExpr:
		one(n.Lhs)
		one(n.Rhs)
	case *ast.ArithmeticOpExpr:
		one(n.Lhs)
		one(n.Rhs)
	case *ast.UnaryMinusOpExpr:
		one(n.Expr)
	case *ast.UnaryNotOpExpr:
		one(n.Expr)
	case *ast.UnaryLenOpExpr:
		one(n.Expr)
	case *ast.FunctionExpr:
		stmts(n.Stmts)
	case *ast.AssignStmt:
		exprs(n.Lhs)
		exprs(n.Rhs)
	case *ast.LocalAssignStmt:
		exprs(n.Exprs)
	case *ast.FuncCallStmt:
		one(n.Expr)
	case *ast.DoBlockStmt:
		stmts(n.Stmts)
	case *ast.WhileStmt:
		one(n.Condition)
		stmts(n.Stmts)
	case *ast.RepeatStmt:
		stmts(n.Stmts)
		one(n.Condition)
	case *ast.IfStmt:
		one(n.Condition)
		stmts(n.Then)
		stmts(n.Else)
	case *ast.NumberForStmt:
		one(n.Init)
		one(n.Limit)
		one(n.Step)
		stmts(n.Stmts)
	case *ast.GenericForStmt:
		exprs(n.Exprs)
		stmts(n.Stmts)
	case *ast.FuncDefStmt:
		one(n.Name.Func)
		one(n.Name.Receiver)
		visit(n.Func)
	case *ast.ReturnStmt:
		exprs(n.Exprs)
	}
}

const (
	maxDepth  = 4000   // of the tree: the compiler recurses along it
	maxConsts = 16_000 // different texts and numbers of one script: the compiler compares each with all before it
)

// shallow reports that the compiler can take the tree. It does not recurse itself.
func shallow(chunk []ast.Stmt) bool {
	type item struct {
		node  any
		depth int
	}
	consts := map[string]struct{}{}
	todo := make([]item, 0, 64)
	for _, s := range chunk {
		todo = append(todo, item{s, 1})
	}
	for len(todo) > 0 {
		it := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if it.depth > maxDepth {
			return false
		}
		switch n := it.node.(type) {
		case *ast.StringExpr:
			consts[n.Value] = struct{}{}
		case *ast.NumberExpr:
			consts[n.Value] = struct{}{}
		case *ast.IdentExpr:
			consts[n.Value] = struct{}{}
		}
		if len(consts) > maxConsts {
			return false
		}
		parts(it.node, func(p any) { todo = append(todo, item{p, it.depth + 1}) })
	}
	return true
}
