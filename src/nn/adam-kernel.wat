;; The inner loops of the optimiser, four parameters at a time. adam.ts says what they compute and calls them;
;; adam-kernel.ts holds this file compiled (the test of adam-kernel.ts does that, and says how).
;;
;; An update moves 28 bytes a parameter and does little with them, so it should take as long as the memory takes. Loops
;; in JavaScript, whose roots and quotients are scalars of 64 bits, take over twice as long as these.
(module
  ;; A page each for a chunk of parameters, gradients, first and second moments; it grows by all moments.
  (memory (export "memory") 4)

  ;; One step for the values from the four addresses on, in place; those beyond the last multiple of four are
  ;; computed with what lies behind them.
  ;;
  ;; Moments move by a share of what they lack, m + a (g - m): the sum of two rounded factors, b m + (1 - b) g, would
  ;; settle a relative 3e-5 away when b is 0.999. In the same way decay is subtracted with the step and not
  ;; multiplied in, since a factor of 1 - 3e-7 has no float32 near it.
  (func (export "update")
    (param $params i32) (param $grads i32) (param $first i32) (param $second i32) (param $count i32)
    (param $scale f32) ;; of the gradient
    (param $joined f32) ;; times the parameter joins the gradient
    (param $a f32) (param $b f32) ;; 1 - beta1, 1 - beta2
    (param $rate f32) (param $floor f32) ;; p falls by rate m / (sqrt(v) + floor) ...
    (param $decay f32) ;; ... and by decay p
    (local $end i32) (local $p v128) (local $g v128) (local $m v128) (local $v v128)
    (local.set $end (i32.add (local.get $params) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (if (i32.lt_u (local.get $params) (local.get $end)) (then
        (local.set $p (v128.load (local.get $params)))
        (local.set $m (v128.load (local.get $first)))
        (local.set $v (v128.load (local.get $second)))

        ;; g = scale g + joined p
        (local.set $g
          (f32x4.add
            (f32x4.mul (f32x4.splat (local.get $scale)) (v128.load (local.get $grads)))
            (f32x4.mul (f32x4.splat (local.get $joined)) (local.get $p))))

        ;; m += a (g - m)
        (local.set $m
          (f32x4.add
            (local.get $m)
            (f32x4.mul (f32x4.splat (local.get $a)) (f32x4.sub (local.get $g) (local.get $m)))))
        ;; 0 below 1e-30: moments of rows that are not looked up shrink until they are denormal, and stay there,
        ;; where every operation takes three (Zen 4) to a hundred times as long.
        (local.set $m
          (v128.and
            (local.get $m)
            (f32x4.ge (f32x4.abs (local.get $m)) (f32x4.splat (f32.const 1e-30)))))

        ;; v += b (g g - v)
        (local.set $v
          (f32x4.add
            (local.get $v)
            (f32x4.mul
              (f32x4.splat (local.get $b))
              (f32x4.sub (f32x4.mul (local.get $g) (local.get $g)) (local.get $v)))))

        (v128.store (local.get $first) (local.get $m))
        (v128.store (local.get $second) (local.get $v))

        ;; p -= decay p + rate m / (sqrt(v) + floor)
        (v128.store (local.get $params)
          (f32x4.sub
            (local.get $p)
            (f32x4.add
              (f32x4.mul (f32x4.splat (local.get $decay)) (local.get $p))
              (f32x4.div
                (f32x4.mul (f32x4.splat (local.get $rate)) (local.get $m))
                (f32x4.add (f32x4.sqrt (local.get $v)) (f32x4.splat (local.get $floor)))))))

        (local.set $params (i32.add (local.get $params) (i32.const 16)))
        (local.set $grads (i32.add (local.get $grads) (i32.const 16)))
        (local.set $first (i32.add (local.get $first) (i32.const 16)))
        (local.set $second (i32.add (local.get $second) (i32.const 16)))
        (br $next)))))

  ;; The sum of squares of the values from an address on, in float64, eight at a time: those beyond the last multiple
  ;; of eight must be zeros. Eight sums run side by side, since one would wait for its own last addition.
  (func (export "squares") (param $values i32) (param $count i32) (result f64)
    (local $end i32) (local $x v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local.set $end (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (if (i32.lt_u (local.get $values) (local.get $end)) (then
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $values))))
        (local.set $sum0 (f64x2.add (local.get $sum0) (f64x2.mul (local.get $x) (local.get $x))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $values))))
        (local.set $sum1 (f64x2.add (local.get $sum1) (f64x2.mul (local.get $x) (local.get $x))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero offset=16 (local.get $values))))
        (local.set $sum2 (f64x2.add (local.get $sum2) (f64x2.mul (local.get $x) (local.get $x))))
        (local.set $x (f64x2.promote_low_f32x4 (v128.load64_zero offset=24 (local.get $values))))
        (local.set $sum3 (f64x2.add (local.get $sum3) (f64x2.mul (local.get $x) (local.get $x))))
        (local.set $values (i32.add (local.get $values) (i32.const 32)))
        (br $next))))
    (local.set $x
      (f64x2.add
        (f64x2.add (local.get $sum0) (local.get $sum1))
        (f64x2.add (local.get $sum2) (local.get $sum3))))
    (f64.add (f64x2.extract_lane 0 (local.get $x)) (f64x2.extract_lane 1 (local.get $x)))))
