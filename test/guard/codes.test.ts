import { describe, expect, test } from 'vitest';
import { PlanCodes, type Sealed } from '../../src/guard/codes.ts';

const PLAN: Sealed = {
  tool: 'delete_deal',
  args: { id: 5, deep: { a: 1, b: [1, 2] } },
  present: { title: 'Deal', value: 10, custom_fields: { x: null } },
};

describe('a plan code', () => {
  test('lets the same write through, once', () => {
    const codes = new PlanCodes();
    const code = codes.issue(PLAN);
    // The order in which a host writes arguments says nothing.
    const args = { deep: { b: [1, 2], a: 1 }, id: 5 };
    expect(codes.redeem(code, { ...PLAN, args })).toEqual({ is: 'good' });
    expect(codes.redeem(code, PLAN)).toEqual({ is: 'used' });
  });

  test('is good for ten minutes', () => {
    let now = 0;
    const codes = new PlanCodes(() => now);
    const [soon, late] = [codes.issue(PLAN), codes.issue(PLAN)];
    now = 10 * 60_000;
    expect(codes.redeem(soon, PLAN)).toEqual({ is: 'good' });
    now++;
    expect(codes.redeem(late, PLAN)).toEqual({ is: 'expired' });
  });

  test('of no kind known, or altered, is none', () => {
    const codes = new PlanCodes();
    const code = codes.issue(PLAN);
    const altered = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
    for (const wrong of [
      altered,
      '',
      code.toUpperCase() === code ? `${code} ` : code.toUpperCase(),
      ` ${code}`,
      'apply',
    ]) {
      expect(codes.redeem(wrong, PLAN)).toEqual({ is: 'unknown' });
    }
    expect(new PlanCodes().redeem(code, PLAN)).toEqual({ is: 'unknown' });
    expect(codes.redeem(code, PLAN)).toEqual({ is: 'good' });
  });

  test('is of its tool and its values alone', () => {
    const codes = new PlanCodes();
    const code = codes.issue(PLAN);
    expect(codes.redeem(code, { ...PLAN, tool: 'delete_person' })).toEqual({ is: 'other tool' });
    for (const args of [
      { ...PLAN.args, id: 6 },
      { id: 5 },
      { ...PLAN.args, deep: { a: 1, b: [2, 1] } },
      { ...PLAN.args, more: null },
    ]) {
      expect(codes.redeem(code, { ...PLAN, args })).toEqual({ is: 'other values' });
    }
    expect(codes.redeem(code, PLAN)).toEqual({ is: 'good' });
  });

  test('is no longer good where what it touches has changed, and says what', () => {
    const codes = new PlanCodes();
    const code = codes.issue(PLAN);
    const present = { title: 'Deal', value: 11, custom_fields: { x: 1 }, status: 'won' };
    expect(codes.redeem(code, { ...PLAN, present })).toEqual({
      is: 'changed',
      changes: {
        value: { was: 10, is: 11 },
        custom_fields: { was: { x: null }, is: { x: 1 } },
        status: { was: null, is: 'won' },
      },
    });
    // It was looked at and refused: what it was given for is not what is there.
    expect(codes.redeem(code, PLAN)).toEqual({ is: 'used' });
  });

  test('takes none that is missing for one that is null', () => {
    const codes = new PlanCodes();
    const code = codes.issue({ ...PLAN, present: { a: null } });
    expect(codes.redeem(code, { ...PLAN, present: {} })).toEqual({ is: 'good' });
  });

  test('of a thousand and more the oldest is forgotten', () => {
    const codes = new PlanCodes();
    const all = Array.from({ length: 1_001 }, () => codes.issue(PLAN));
    expect(new Set(all).size).toBe(1_001);
    expect(codes.redeem(all[0] ?? '', PLAN)).toEqual({ is: 'unknown' });
    expect(codes.redeem(all[1] ?? '', PLAN)).toEqual({ is: 'good' });
  });
});
