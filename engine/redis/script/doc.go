// Package script runs Lua scripts as Redis does: the language, the sandbox, the libraries and the conversion between Lua values and
// replies. It knows nothing of the server: a Host runs the commands that a script calls.
//
// The nouns: a Script is checked and compiled text; a Cache keeps scripts by their digest; a State is an interpreter that runs one
// script at a time and is used again afterwards; a Library is what FUNCTION LOAD made of a text.
//
// The interpreter is gopher-lua. What it does not give, this package adds:
//
//   - Tables that cannot be changed. Globals and libraries reach scripts as sealed tables (seal.go): empty ones whose metatable leads to
//     the real one. Every library function here looks through a seal, and no function changes what lies behind it.
//   - Quotas. Every instruction of the interpreter asks the quota for its channel, which is where steps are counted; library
//     functions that may work long or allocate much ask it themselves. So neither a loop nor one call of a library gets away from a kill.
//     Concatenation, the one operator that can allocate without bound, is compiled as a call (rewrite.go).
//   - Lua's own texts and numbers where gopher-lua's differ.
//
// Depth is bounded everywhere, because a Go stack that overflows ends the process: nesting of the source (depth.go), calls, patterns,
// cjson, cmsgpack and replies.
package script
