/**
 * Integers: which widths there are, how operators unify them, how constants adapt.
 *
 * The checker only says `number` for most arithmetic, so the rules of docs/language.md are applied here, bottom-up, from the declared
 * types of names. Begin reading at `unify`: it decides the type in which an operator computes.
 */
export type Width = "u8" | "u16" | "u32" | "i32" | "u64";

export interface IntegerType {
  readonly kind: "integer";
  readonly width: Width;
  /** Adapts to the other side as a constant does: enum values, `1 << n`, lengths. On its own it is `width`. */
  readonly flexible: boolean;
  /** What keeps equal widths apart: `domain=virtual`, `life=true`. Sorted. */
  readonly brands: readonly string[];
  /** The least and greatest member, where the value is one of an enum. */
  readonly members?: { readonly least: number; readonly greatest: number } | undefined;
}

/** A value known when compiled. `bits`: made by a bitwise operator, so that a negative value may stand for a pattern of bits. */
export interface Constant {
  readonly value: bigint;
  readonly bits: boolean;
}

/** What `unify` needs to know of an operand. */
export interface Typed {
  readonly type: IntegerType;
  readonly constant?: Constant | undefined;
}

export const integer = (width: Width, brands: readonly string[] = []): IntegerType => ({
  kind: "integer",
  width,
  flexible: false,
  brands,
});
export const I32 = integer("i32");
export const U32 = integer("u32");
export const U8 = integer("u8");
export const U64 = integer("u64");

const ranges: Record<Width, readonly [bigint, bigint]> = {
  u8: [0n, 0xffn],
  u16: [0n, 0xffffn],
  u32: [0n, 0xffff_ffffn],
  i32: [-0x8000_0000n, 0x7fff_ffffn],
  u64: [0n, 0xffff_ffff_ffff_ffffn],
};

const isNarrow = (width: Width): boolean => width === "u8" || width === "u16";

/** Whether the constant may become a value of this width; as a pattern of bits if it was made as one. */
export function fits(constant: Constant, width: Width): boolean {
  const [least, greatest] = ranges[width];
  if (constant.value >= least && constant.value <= greatest) return true;
  if (!constant.bits || isNarrow(width)) return false;
  return width === "u64"
    ? constant.value >= -(1n << 63n)
    : constant.value >= ranges.i32[0] && constant.value <= ranges.u32[1];
}

/** The constant as this width stores it. */
export function wrap(value: bigint, width: Width): bigint {
  if (width === "i32") return BigInt.asIntN(32, value);
  return BigInt.asUintN(width === "u64" ? 64 : width === "u32" ? 32 : width === "u16" ? 16 : 8, value);
}

/** The type of a literal: adapts, and is i32 on its own, or u32 where it does not fit that. */
export function literalType(value: bigint): IntegerType {
  const width = value > ranges.i32[1] && value <= ranges.u32[1] ? "u32" : "i32";
  return { kind: "integer", width, flexible: true, brands: [] };
}

/** Whether a value is an unadorned constant, which adapts to whatever stands beside it. */
const isUntyped = (side: Typed): boolean => side.constant !== undefined && side.type.flexible;

/**
 * The type in which both operands are computed, brands aside, or null where they must not be mixed. u8 and u16 promote to i32 or
 * adapt to u32; constants and other flexible values take the other side's type.
 */
export function unify(left: Typed, right: Typed): IntegerType | null {
  if (isUntyped(left) && isUntyped(right)) return unifyConstants(left, right);
  if (isUntyped(left)) return adaptConstant(left.constant!, right.type);
  if (isUntyped(right)) return adaptConstant(right.constant!, left.type);
  const [a, b] = [left.type, right.type];
  if (a.width === b.width && !isNarrow(a.width)) return plain(a.width, a.flexible && b.flexible);
  if (a.width === "u64" || b.width === "u64") return null;
  if (isNarrow(a.width)) return isNarrow(b.width) ? I32 : plain(b.width, false);
  if (isNarrow(b.width)) return plain(a.width, false);
  if (a.flexible && !b.flexible) return plain(b.width, false);
  if (b.flexible && !a.flexible) return plain(a.width, false);
  return null;
}

function unifyConstants(left: Typed, right: Typed): IntegerType {
  if (left.type.width === "u64" || right.type.width === "u64") return { ...U64, flexible: true };
  return plain(left.type.width === "u32" || right.type.width === "u32" ? "u32" : "i32", true);
}

function adaptConstant(constant: Constant, type: IntegerType): IntegerType {
  if (!isNarrow(type.width)) return plain(type.width, type.flexible);
  return !fits(constant, "i32") && fits(constant, "u32") ? U32 : I32;
}

function plain(width: Width, flexible: boolean): IntegerType {
  return { kind: "integer", width, flexible, brands: [] };
}

/** u8 and u16 compute as i32. */
export function promote(type: IntegerType): IntegerType {
  return isNarrow(type.width) ? integer("i32") : { ...plain(type.width, type.flexible), brands: type.brands };
}

/** Why a value cannot be assigned to a type without a conversion, or null where it can. */
export type Mismatch = "literalRange" | "narrowing" | "mixed" | "brand";

export function mismatch(from: Typed, to: IntegerType): Mismatch | null {
  if (isUntyped(from)) return fits(from.constant!, to.width) ? null : "literalRange";
  return mismatchedWidth(from.type, to) ?? mismatchedBrand(from.type, to);
}

function mismatchedWidth(from: IntegerType, to: IntegerType): Mismatch | null {
  if (from.width === to.width || from.width === "u8")
    return to.width === "u64" && from.width !== "u64" ? "mixed" : null;
  if (from.width === "u64" || to.width === "u64") return "mixed";
  if (from.width === "u16") return to.width === "u8" ? "narrowing" : null;
  if (isNarrow(to.width)) return from.members !== undefined && membersFit(from.members, to.width) ? null : "narrowing";
  return from.flexible ? null : "mixed";
}

function membersFit(members: { least: number; greatest: number }, width: Width): boolean {
  return BigInt(members.least) >= ranges[width][0] && BigInt(members.greatest) <= ranges[width][1];
}

/** A plain integer may become a branded one, except for addresses: those are made by `vaddr(x)` and `paddr(x)`. */
function mismatchedBrand(from: IntegerType, to: IntegerType): Mismatch | null {
  if (to.brands.some((brand) => brand.startsWith("domain=") && !from.brands.includes(brand))) return "brand";
  const foreign = from.brands.some((brand) => !to.brands.includes(brand));
  return foreign && to.brands.length > 0 ? "brand" : null;
}

/** The brands of a result: an offset keeps an address an address, a difference of addresses is a number. */
export function resultBrands(operator: string, left: Typed, right: Typed): readonly string[] {
  if (!["+", "-", "&", "|", "^"].includes(operator)) return [];
  if (left.type.brands.length === 0) return operator === "-" ? [] : right.type.brands;
  if (right.type.brands.length === 0) return left.type.brands;
  return operator === "-" || operator === "^" ? [] : left.type.brands;
}

/** Whether two branded operands must not meet in one operator. */
export function brandsClash(left: Typed, right: Typed): boolean {
  const [a, b] = [left.type.brands, right.type.brands];
  return a.length > 0 && b.length > 0 && !a.some((brand) => b.includes(brand));
}

export function integerName(type: IntegerType): string {
  const domain = type.brands.find((brand) => brand.startsWith("domain="));
  if (domain === "domain=virtual") return "vaddr";
  if (domain === "domain=physical") return "paddr";
  return type.brands.length > 0 ? `${type.width} (${type.brands.join(", ")})` : type.width;
}
