// The checks themselves, over the syntax trees of all packages that are part of the server.

package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// file is one parsed source file.
type file struct {
	path string
	ast  *ast.File
}

// sources parses all files of the module that go into the server.
func sources(t *testing.T) (*token.FileSet, map[string][]file) {
	t.Helper()
	fset := token.NewFileSet()
	packages := map[string][]file{}
	root := harness.Root()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || path == filepath.Join(root, "e2e")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		packages[filepath.Dir(rel)] = append(packages[filepath.Dir(rel)], file{rel, tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 5 {
		t.Fatalf("only %d packages found under %s", len(packages), root)
	}
	return fset, packages
}

// functions are a package's functions and methods by name.
func functions(files []file) map[string][]*ast.FuncDecl {
	out := map[string][]*ast.FuncDecl{}
	for _, f := range files {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				out[fn.Name.Name] = append(out[fn.Name.Name], fn)
			}
		}
	}
	return out
}

// calledName is the last word of what a call calls: Go in engine.Go(...), run in l.run().
func calledName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return calledName(e.X)
	case *ast.ParenExpr:
		return calledName(e.X)
	}
	return ""
}

// recovers says whether body begins with deferring something that calls recover, itself or through a function of its package.
func recovers(body *ast.BlockStmt, fns map[string][]*ast.FuncDecl) bool {
	for _, s := range body.List {
		d, ok := s.(*ast.DeferStmt)
		if !ok {
			continue
		}
		if lit, ok := d.Call.Fun.(*ast.FuncLit); ok && callsRecover(lit.Body, fns) {
			return true
		}
		for _, fn := range fns[calledName(d.Call.Fun)] {
			if callsRecover(fn.Body, fns) {
				return true
			}
		}
	}
	return false
}

func callsRecover(body *ast.BlockStmt, fns map[string][]*ast.FuncDecl) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && calledName(c.Fun) == "recover" {
			found = true
		}
		return !found
	})
	return found
}

// TestEveryGoroutineRecovers allows a go statement only where the goroutine's function defers a recover: in practice the
// one wrapper, and the few packages that cannot import it.
func TestEveryGoroutineRecovers(t *testing.T) {
	fset, packages := sources(t)
	seen := 0
	for _, files := range packages {
		fns := functions(files)
		for _, f := range files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				g, ok := n.(*ast.GoStmt)
				if !ok {
					return true
				}
				seen++
				good := false
				if lit, ok := g.Call.Fun.(*ast.FuncLit); ok {
					good = recovers(lit.Body, fns)
				} else {
					for _, fn := range fns[calledName(g.Call.Fun)] {
						good = good || recovers(fn.Body, fns)
					}
				}
				if !good {
					t.Errorf("%v: a go statement whose function does not recover: one panic there ends the process", fset.Position(g.Pos()))
				}
				return true
			})
		}
	}
	if seen == 0 {
		t.Error("no go statement found at all: the check looks in the wrong place")
	}
}

// noRecursion are the packages whose depth of calls a client could choose if they recursed.
var noRecursion = []string{"engine/redis/glob", "engine/redis/rdb", "engine/redis/resp", "engine/memcached"}

// ownData are functions that recurse over what the program itself holds.
var ownData = map[string]bool{"engine/memcached.mustWork": true} // the command table, at start

// TestNoRecursionOnClientInput finds functions of those packages that reach themselves by name.
func TestNoRecursionOnClientInput(t *testing.T) {
	_, packages := sources(t)
	for _, dir := range noRecursion {
		files := packages[dir]
		if len(files) == 0 {
			t.Errorf("%s: no such package: the list is out of date", dir)
		}
		calls := map[string]map[string]bool{}
		for name, decls := range functions(files) {
			for _, fn := range decls {
				// Methods of different types share names; only plain functions and self-calls through the receiver count.
				for callee := range callees(fn) {
					if calls[name] == nil {
						calls[name] = map[string]bool{}
					}
					calls[name][callee] = true
				}
			}
		}
		for name := range calls {
			if !ownData[dir+"."+name] && reaches(calls, name, name, map[string]bool{}) {
				t.Errorf("%s: %s calls itself: a stack overflow cannot be recovered", dir, name)
			}
		}
	}
}

// callees are the plain functions that fn calls, and its own receiver's methods.
func callees(fn *ast.FuncDecl) map[string]bool {
	receiver := ""
	if fn.Recv != nil && len(fn.Recv.List) == 1 && len(fn.Recv.List[0].Names) == 1 {
		receiver = fn.Recv.List[0].Names[0].Name
	}
	out := map[string]bool{}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := c.Fun.(type) {
		case *ast.Ident:
			out[f.Name] = true
		case *ast.SelectorExpr:
			if x, ok := f.X.(*ast.Ident); ok && x.Name == receiver && receiver != "" {
				out[f.Sel.Name] = true
			}
		}
		return true
	})
	return out
}

func reaches(calls map[string]map[string]bool, from, to string, seen map[string]bool) bool {
	for next := range calls[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if reaches(calls, next, to, seen) {
				return true
			}
		}
	}
	return false
}

// TestFirstLineSaysWhatAFileHolds wants a comment on the first line of every source file.
func TestFirstLineSaysWhatAFileHolds(t *testing.T) {
	_, packages := sources(t)
	for _, files := range packages {
		for _, f := range files {
			src, err := os.ReadFile(filepath.Join(harness.Root(), f.path))
			if err != nil {
				t.Fatal(err)
			}
			text := string(src)
			if rest, ok := strings.CutPrefix(text, "//go:build"); ok { // a constraint may stand before everything
				_, rest, _ = strings.Cut(rest, "\n")
				text = strings.TrimLeft(rest, "\n")
			}
			if !strings.HasPrefix(text, "// ") {
				t.Errorf("%s: the first line does not say what the file holds", f.path)
			}
		}
	}
}

// TestNoInitFunctions wants lists that can be seen, not registration in passing.
func TestNoInitFunctions(t *testing.T) {
	_, packages := sources(t)
	for dir, files := range packages {
		for _, fn := range functions(files)["init"] {
			if fn.Recv == nil {
				t.Errorf("%s has an init function", dir)
			}
		}
	}
}
