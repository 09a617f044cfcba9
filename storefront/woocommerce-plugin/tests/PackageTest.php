<?php
/**
 * The plugin as it is handed out.
 *
 * @package Doorstep
 */

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;

/**
 * Syntax, texts, headers.
 */
final class PackageTest extends TestCase {

	/**
	 * @dataProvider sources
	 */
	#[DataProvider( 'sources' )]
	public function test_nobody_runs_a_file_on_its_own( string $file ): void {
		$this->assertMatchesRegularExpression( "/defined\( '(ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;/", (string) file_get_contents( $file ) );
	}

	public function test_the_pot_has_every_text_its_place_and_no_other(): void {
		$root  = dirname( __DIR__ );
		$found = array();
		foreach ( array_merge( array_column( self::sources(), 0 ), glob( $root . '/assets/*.js' ) ) as $file ) {
			foreach ( self::texts( $file ) as $text ) {
				$found[ $text ][] = substr( $file, strlen( $root ) + 1 );
			}
		}
		$places = static function ( array $files ): array {
			sort( $files );
			return array_values( array_unique( $files ) );
		};
		ksort( $found );
		$this->assertSame( array_map( $places, $found ), array_map( $places, self::pot( $root . '/languages/doorstep.pot' ) ), 'run ./make-pot' );
	}

	/**
	 * The texts of one file, a plural as "one\nmany"; each must name our domain.
	 */
	private static function texts( string $file ): array {
		$text  = "'((?:[^'\\\\]|\\\\.)*)'";
		$calls = preg_match_all( '/(?<![\w>$:])(?:(?:esc_html|esc_attr)?__|_n)\(/', (string) file_get_contents( $file ) );
		$whole = "/(?<![\w>$:])(?:(?:esc_html|esc_attr)?__\( $text|_n\( $text, $text, [^;]*?), 'doorstep' \)/s";
		$found = preg_match_all( $whole, (string) file_get_contents( $file ), $match, PREG_SET_ORDER );
		self::assertSame( $calls, $found, "a text of $file has another domain, or is no plain text" );
		return array_map(
			static function ( array $one ): string {
				return stripslashes( implode( "\n", array_filter( array_slice( $one, 1 ), 'strlen' ) ) );
			},
			$match
		);
	}

	/**
	 * Texts of a .pot to the files that have them.
	 */
	private static function pot( string $file ): array {
		$found = array();
		foreach ( preg_split( "/\n{2,}/", (string) file_get_contents( $file ) ) as $entry ) {
			preg_match_all( '/^#: (.+)$/m', $entry, $places );
			preg_match_all( '/^msgid(?:_plural)? "(.*)"$/m', $entry, $texts );
			if ( array() !== $places[1] ) {
				$found[ stripslashes( implode( "\n", $texts[1] ) ) ] = explode( ' ', implode( ' ', $places[1] ) );
			}
		}
		ksort( $found );
		return $found;
	}

	public static function sources(): array {
		$root  = dirname( __DIR__ );
		$files = array_merge( glob( $root . '/*.php' ), glob( $root . '/src/*.php' ), glob( $root . '/src/*/*.php' ) );
		return array_combine( $files, array_map( static function ( $file ) {
			return array( $file );
		}, $files ) );
	}

	public function test_the_version_is_the_same_everywhere(): void {
		$root = dirname( __DIR__ );
		$main = (string) file_get_contents( $root . '/doorstep.php' );
		preg_match( '/Version: ([0-9.]+)/', $main, $header );
		$this->assertStringContainsString( "define( 'DOORSTEP_VERSION', '{$header[1]}' );", $main );
		$this->assertStringContainsString( 'Stable tag: ' . $header[1], (string) file_get_contents( $root . '/readme.txt' ) );
	}

	public function test_both_features_are_declared(): void {
		$main = (string) file_get_contents( dirname( __DIR__ ) . '/doorstep.php' );
		$this->assertStringContainsString( "'custom_order_tables', __FILE__, true", $main );
		$this->assertStringContainsString( "'cart_checkout_blocks', __FILE__, true", $main );
	}

	public function test_the_table_of_complaints_names_tests_that_are_there(): void {
		$readme = (string) file_get_contents( dirname( __DIR__ ) . '/README.md' );
		$tests  = implode( '', array_map( 'file_get_contents', glob( __DIR__ . '/*Test.php' ) ) );
		preg_match_all( '/`(?:\w+::|…_)(\w+)`/u', $readme, $named );
		$this->assertGreaterThan( 10, count( $named[1] ) );
		foreach ( $named[1] as $name ) {
			$this->assertStringContainsString( 'function ' . ( 0 === strpos( $name, 'test_' ) ? '' : 'test_' ) . $name . '(', $tests );
		}
	}
}
