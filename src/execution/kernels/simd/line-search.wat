;; Searches lines that lie end to end, 16 bytes at a time. `text` is where position 0 of the offsets lies; line i is
;; text+offsets[i] .. text+offsets[i+1]. Both functions write the rows found to `keep`, in order, and return how many.
;; 64 bytes behind the last line must be readable; what they hold does not matter.
(module
  (memory (export "memory") 2)

  ;; Lines that contain a needle. A place is looked at when two bytes of the needle, at `first` and `second`, are there
  ;; ("packed pair", as in the memchr crate). Behind the needle lies a mask of its length, of bits that are set in the text
  ;; before it is compared: 0x20 for letters in either case, whose needle is in lower case.
  (func (export "literal")
    (param $text i32) (param $offsets i32) (param $count i32) (param $keep i32)
    (param $needle i32) (param $length i32) (param $first i32) (param $second i32) (result i32)
    (local $at i32) (local $end i32) (local $kept i32) (local $lineEnd i32) (local $hit i32) (local $bits i32) (local $i i32)
    (local $row i32)    (local $a v128) (local $b v128) (local $maskA v128) (local $maskB v128) (local $mask i32)
    (local.set $mask (i32.add (local.get $needle) (local.get $length)))
    (local.set $maskA (i8x16.splat (i32.load8_u (i32.add (local.get $mask) (local.get $first)))))
    (local.set $maskB (i8x16.splat (i32.load8_u (i32.add (local.get $mask) (local.get $second)))))
    (local.set $a (i8x16.splat (i32.load8_u (i32.add (local.get $needle) (local.get $first)))))
    (local.set $b (i8x16.splat (i32.load8_u (i32.add (local.get $needle) (local.get $second)))))
    (local.set $at (i32.add (local.get $text) (i32.load (local.get $offsets))))
    ;; `offsets` moves on with the row, of which this is the end: at first that of none.
    (local.set $lineEnd (local.get $at))
    (local.set $end (i32.add (local.get $text)
      (i32.load (i32.add (local.get $offsets) (i32.shl (local.get $count) (i32.const 2))))))
    (local.set $row (i32.const -1))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $bits (i8x16.bitmask (v128.and
          (i8x16.eq (v128.or (local.get $maskA)
            (v128.load (i32.add (local.get $at) (local.get $first)))) (local.get $a))
          (i8x16.eq (v128.or (local.get $maskB)
            (v128.load (i32.add (local.get $at) (local.get $second)))) (local.get $b)))))
        (block $next
          (loop $candidates
            (br_if $next (i32.eqz (local.get $bits)))
            (local.set $hit (i32.add (local.get $at) (i32.ctz (local.get $bits))))
            (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
            (br_if $done (i32.gt_u (i32.add (local.get $hit) (local.get $length)) (local.get $end)))
            (local.set $i (i32.const 0))
            (loop $bytes
              (br_if $candidates (i32.ne
                (i32.or
                  (i32.load8_u (i32.add (local.get $hit) (local.get $i)))
                  (i32.load8_u (i32.add (local.get $mask) (local.get $i))))
                (i32.load8_u (i32.add (local.get $needle) (local.get $i)))))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $bytes (i32.lt_u (local.get $i) (local.get $length))))
            (loop $rows
              (if (i32.le_u (local.get $lineEnd) (local.get $hit))
                (then
                  (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
                  (local.set $row (i32.add (local.get $row) (i32.const 1)))
                  (local.set $lineEnd (i32.add (local.get $text) (i32.load (local.get $offsets))))
                  (br $rows))))
            (if (i32.le_u (i32.add (local.get $hit) (local.get $length)) (local.get $lineEnd))
              (then
                (i32.store (i32.add (local.get $keep) (i32.shl (local.get $kept) (i32.const 2))) (local.get $row))
                (local.set $kept (i32.add (local.get $kept) (i32.const 1)))))
            ;; The rest of the line makes no difference.
            (local.set $at (local.get $lineEnd))
            (br $blocks)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks)))
    (local.get $kept))

  ;; Lines in which a factor occurs `need` times or more. A factor is up to three bytes after each other, each of a set. The
  ;; sets of eight factors are looked up at once by the halves of a byte ("Teddy" and "shufti", as in Hyperscan): 16 bytes for
  ;; low halves, 16 for high ones, one bit a factor, for each of the three places from `tables` on. Sets are rounded up.
  (func (export "factors")
    (param $text i32) (param $offsets i32) (param $count i32) (param $keep i32)
    (param $tables i32) (param $need i32) (result i32)
    (local $at i32) (local $end i32) (local $kept i32) (local $lineEnd i32) (local $hit i32) (local $bits i32)
    (local $row i32) (local $seen i32)
    (local $low0 v128) (local $high0 v128) (local $low1 v128) (local $high1 v128) (local $low2 v128) (local $high2 v128)
    (local $x v128) (local $found v128)
    (local.set $low0 (v128.load (local.get $tables)))
    (local.set $high0 (v128.load offset=16 (local.get $tables)))
    (local.set $low1 (v128.load offset=32 (local.get $tables)))
    (local.set $high1 (v128.load offset=48 (local.get $tables)))
    (local.set $low2 (v128.load offset=64 (local.get $tables)))
    (local.set $high2 (v128.load offset=80 (local.get $tables)))
    (local.set $at (i32.add (local.get $text) (i32.load (local.get $offsets))))
    (local.set $lineEnd (local.get $at))
    (local.set $end (i32.add (local.get $text)
      (i32.load (i32.add (local.get $offsets) (i32.shl (local.get $count) (i32.const 2))))))
    (local.set $row (i32.const -1))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $x (v128.load (local.get $at)))
        (local.set $found (v128.and
          (i8x16.swizzle (local.get $low0) (v128.and (local.get $x) (i8x16.splat (i32.const 15))))
          (i8x16.swizzle (local.get $high0) (i8x16.shr_u (local.get $x) (i32.const 4)))))
        (local.set $x (v128.load offset=1 (local.get $at)))
        (local.set $found (v128.and (local.get $found) (v128.and
          (i8x16.swizzle (local.get $low1) (v128.and (local.get $x) (i8x16.splat (i32.const 15))))
          (i8x16.swizzle (local.get $high1) (i8x16.shr_u (local.get $x) (i32.const 4))))))
        (local.set $x (v128.load offset=2 (local.get $at)))
        (local.set $found (v128.and (local.get $found) (v128.and
          (i8x16.swizzle (local.get $low2) (v128.and (local.get $x) (i8x16.splat (i32.const 15))))
          (i8x16.swizzle (local.get $high2) (i8x16.shr_u (local.get $x) (i32.const 4))))))
        (if (v128.any_true (local.get $found))
          (then
            (local.set $bits (i32.xor (i32.const 0xffff)
              (i8x16.bitmask (i8x16.eq (local.get $found) (v128.const i32x4 0 0 0 0)))))
            (loop $candidates
              (local.set $hit (i32.add (local.get $at) (i32.ctz (local.get $bits))))
              (local.set $bits (i32.and (local.get $bits) (i32.sub (local.get $bits) (i32.const 1))))
              (br_if $done (i32.ge_u (local.get $hit) (local.get $end)))
              (loop $rows
                (if (i32.le_u (local.get $lineEnd) (local.get $hit))
                  (then
                    (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
                    (local.set $row (i32.add (local.get $row) (i32.const 1)))
                    (local.set $lineEnd (i32.add (local.get $text) (i32.load (local.get $offsets))))
                    (local.set $seen (i32.const 0))
                    (br $rows))))
              (local.set $seen (i32.add (local.get $seen) (i32.const 1)))
              (if (i32.ge_u (local.get $seen) (local.get $need))
                (then
                  (i32.store (i32.add (local.get $keep) (i32.shl (local.get $kept) (i32.const 2))) (local.get $row))
                  (local.set $kept (i32.add (local.get $kept) (i32.const 1)))
                  (local.set $at (local.get $lineEnd))
                  (br $blocks)))
              (br_if $candidates (local.get $bits)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks)))
    (local.get $kept)))
