// Stand-in for the replay buffer's interface.
#pragma once
#include <cstdint>
namespace lltt {
enum ExecBool : bool { NoExec, Exec };
template <ExecBool = NoExec> inline void record(unsigned, unsigned) {}
inline void replay(unsigned, unsigned) {}
constexpr std::uint32_t replay_insn(unsigned start, unsigned length) { return start << 14 | length << 4; }
}   // namespace lltt
