// Stand-in for the vector unit's library, for type checks on a host: types and operators that accept anything and compute nothing.
// Names that differ from release to release (enumerations, constants, functions) are generated beside it: sfpi_names.h.
#pragma once
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#define sfpi_inline inline

namespace sfpi {

struct vector {};
template <class T> constexpr bool is_vector = std::is_base_of_v<vector, T>;

enum Tag { FLOAT, INT, UINT, SMAG, MAG, UINT16, LUT8, LUT16, BOOL };
template <Tag T> struct vec : vector {
    vec() {}
    template <class A, class... B> vec(A const &, B const &...) {}
    vec(vec const &) = default;
    vec &operator=(vec const &) = default;
    template <class A> vec &operator=(A const &) { return *this; }
    template <class A> vec &operator+=(A const &) { return *this; }
    template <class A> vec &operator-=(A const &) { return *this; }
    template <class A> vec &operator*=(A const &) { return *this; }
    template <class A> vec &operator&=(A const &) { return *this; }
    template <class A> vec &operator|=(A const &) { return *this; }
    template <class A> vec &operator^=(A const &) { return *this; }
    template <class A> vec &operator<<=(A const &) { return *this; }
    template <class A> vec &operator>>=(A const &) { return *this; }
    vec &operator++() { return *this; }
    vec operator++(int) { return *this; }
    vec &operator--() { return *this; }
    vec operator--(int) { return *this; }
    vec operator-() const { return {}; }
    vec operator+() const { return {}; }
    vec operator~() const { return {}; }
    unsigned get() const { return 0; }
};
using vFloat = vec<FLOAT>;
using vInt = vec<INT>;
using vUInt = vec<UINT>;
using vSMag = vec<SMAG>;
using vMag = vec<MAG>;
using vBool = vec<BOOL>;
using vUInt16 = vec<UINT16>;
struct vSMag16 : vec<SMAG> { using vec<SMAG>::vec; };
struct vMag16 : vec<MAG> { using vec<MAG>::vec; };
struct vLut8si : vec<LUT8> { using vec<LUT8>::vec; };
struct vLut16ss : vec<LUT16> { using vec<LUT16>::vec; };
struct vLut16si : vec<LUT16> { using vec<LUT16>::vec; };
struct vLut16ii : vec<LUT16> { using vec<LUT16>::vec; };
inline vBool operator!(vBool) { return {}; }

// places that are read and written: destination registers, local registers, programmable constants
struct place {
    template <class A> void operator=(A const &) const {}
    template <class A, std::enable_if_t<is_vector<A>> * = nullptr> operator A() const { return {}; }
    void in_use() const {}
    vFloat operator-() const { return {}; }
    template <auto...> place mode(int = 0) const { return {}; }
};
template <class T> constexpr bool is_operand = is_vector<T> || std::is_base_of_v<place, T>;
template <class A, class B> using result = std::conditional_t<is_vector<A>, A, std::conditional_t<is_vector<B>, B, vFloat>>;

#define OPERATOR(op, type)                                                                                                          \
    template <class A, class B, std::enable_if_t<is_operand<A> || is_operand<B>> * = nullptr> inline type operator op(A const &, B const &) \
    {                                                                                                                               \
        return {};                                                                                                                  \
    }
#define ARITHMETIC(op) OPERATOR(op, result<A COMMA B>)
#define COMMA ,
ARITHMETIC(+)
ARITHMETIC(-)
ARITHMETIC(*)
ARITHMETIC(&)
ARITHMETIC(|)
ARITHMETIC(^)
ARITHMETIC(<<)
ARITHMETIC(>>)
OPERATOR(==, vBool)
OPERATOR(!=, vBool)
OPERATOR(<, vBool)
OPERATOR(>, vBool)
OPERATOR(<=, vBool)
OPERATOR(>=, vBool)
OPERATOR(&&, vBool)
OPERATOR(||, vBool)

struct places {
    template <class I> place operator[](I) const { return {}; }
    void operator++() const {}
    void operator++(int) const {}
    void operator+=(int) const {}
    void operator-=(int) const {}
};
constexpr places dst_reg{}, l_reg{};
struct lreg_pressure { ~lreg_pressure() {} };
struct sFloat16a { template <class A> sFloat16a(A) {} };
struct sFloat16b { template <class A> sFloat16b(A) {} };
template <Tag T> struct constant : vec<T> {
    constant() {}
    template <class A> void operator=(A const &) const {}
};
inline const constant<FLOAT> vConst0, vConst1, vConstNeg1, vConst0p8373, vConstFloatPrgm0, vConstFloatPrgm1, vConstFloatPrgm2;
inline const constant<INT> vConstIntPrgm0, vConstIntPrgm1, vConstIntPrgm2, vConstTileId;
constexpr unsigned SFP_DESTREG_STRIDE = 2;

template <class T, class A, class... B> inline T convert(A const &, B...) { return {}; }
template <class T, class A> inline T as(A const &) { return {}; }
template <class T, class A> inline T reinterpret(A const &) { return {}; }
template <class A, class B> inline std::pair<A, B> min_max(A a, B b) { return {a, b}; }
#define RETURNS(type, name)                                                                                                         \
    template <class A, class... B> inline type name(A const &, B const &...) { return {}; }                                        \
    template <auto, class A, class... B> inline type name(A const &, B const &...) { return {}; }
#define RETURNS_FIRST(name) RETURNS(std::conditional_t<is_vector<A> COMMA A COMMA vFloat>, name)
#include "sfpi_names.h"

}   // namespace sfpi

struct __xtt_vector {};
#define v_if(x) { (void)(x); {
#define v_elseif(x) } { (void)(x);
#define v_else } {
#define v_endif } }
#define v_block {
#define v_and(x) (void)(x)
#define v_endblock }
