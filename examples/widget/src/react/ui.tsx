import type { ButtonHTMLAttributes, HTMLAttributes } from 'react';

export function cx(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}

/** The widget's card, for shops that build their own. */
export function Card({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={cx('rsl-card', className)} {...rest} />;
}

export function CardHeader({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={cx('rsl-text', className)} {...rest} />;
}

export function CardContent({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={cx('rsl-text', className)} {...rest} />;
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: 'default' | 'outline';
}

export function Button({ className, variant = 'default', type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={cx('rsl-button', variant === 'outline' && 'rsl-button-outline', className)} {...rest} />;
}
